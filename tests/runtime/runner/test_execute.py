"""Flow runs that a server has made, executed by Prefect's own command: where their tasks run, and what the
run comes to.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from daskflow.runtime.runner.execute import Ended, outcome

from tests.ports import reserved_port
from tests.runtime.conftest import Pods, environment, eventually
from tests.runtime.prefect.database import database
from tests.runtime.prefect.flows import DEPLOY, DEPLOYED

COMMAND = ["prefect", "flow-run", "execute"]

CASES = [
    # type and name of the state, exit code of the command, outcome, reason, a part of the message
    ("COMPLETED", "Completed", 0, "Succeeded", "", "The Prefect flow run 'x' is Completed: all good."),
    ("FAILED", "TimedOut", 0, "Failed", "FlowFailed", "'x' is TimedOut: all good."),
    ("CRASHED", "Crashed", 0, "Failed", "FlowFailed", "'x' is Crashed"),
    ("CANCELLED", "Cancelled", 0, "Failed", "Cancelled", "'x' is Cancelled"),
    ("PAUSED", "Suspended", 0, "Succeeded", "", "Prefect goes on with it in another FlowRun."),
    ("SCHEDULED", "AwaitingRetry", 0, "Succeeded", "", "Prefect goes on with it in another FlowRun."),
    (
        "RUNNING",
        "Running",
        1,
        "Failed",
        "FlowFailed",
        "exit code 1 while the Prefect flow run 'x' is Running.",
    ),
    ("", "deleted", 1, "Failed", "FlowFailed", "The Prefect flow run x was deleted."),
]


@pytest.mark.parametrize(("kind", "name", "code", "end", "reason", "message"), CASES)
def test_what_a_state_means(kind: str, name: str, code: int, end: str, reason: str, message: str) -> None:
    record = outcome(Ended("x", kind, name, "all good."), code)
    assert (record["outcome"], record["reason"]) == (end, reason)
    assert message in record["message"]


def test_a_crash_for_want_of_memory_is_called_so() -> None:
    record = outcome(Ended("x", "CRASHED", "Crashed", "status code: -9"), 0, starved=True)
    assert record["reason"] == "OutOfMemory"
    assert "raise the runner's memory limit" in record["message"]
    assert outcome(Ended("x", "COMPLETED", "Completed", ""), 0, starved=True)["outcome"] == "Succeeded"


class Server:
    """A Prefect server with a work pool and a deployment of DEPLOYED, whose pull step brings the code."""

    def __init__(self, folder: Path) -> None:
        self._python, port = environment("prefect3"), reserved_port()
        shutil.copyfile(database(), folder / "prefect.db")
        self.url = f"http://127.0.0.1:{port}/api"
        self.environment = {
            "PATH": f"{Path(self._python).parent}:{os.environ['PATH']}",
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(folder),
        }
        prefect = [self._python, "-m", "prefect", "server", "start", "--no-ui", "--port", str(port)]
        settings = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_HOME": str(folder)}
        with open(folder / "server.log", "wb") as log:
            self._process = subprocess.Popen(
                prefect, env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True
            )
        eventually(self._answers, 90)
        (folder / "code").mkdir()
        (folder / "code" / "etl.py").write_text(DEPLOYED)
        (folder / "code" / "helper.py").write_text("def double(n):\n    return 2 * n\n")
        (folder / "deploy.py").write_text(DEPLOY)
        self.deployment = self._run(str(folder / "deploy.py"), str(folder / "code"))

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"{self.url}/health", timeout=1).status == 200)
        except OSError:
            return False

    def _run(self, *arguments: str) -> str:
        environment = {**os.environ, **self.environment}
        command = [self._python, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        return json.loads(urllib.request.urlopen(request, timeout=30).read())

    def create(self, **parameters: Any) -> str:
        """A flow run, as a worker gives it to its infrastructure."""
        body = {"parameters": parameters, "state": {"type": "PENDING"}}
        return str(self.ask(f"/deployments/{self.deployment}/create_flow_run", body)["id"])

    def state(self, run: str) -> dict[str, Any]:
        return dict(self.ask(f"/flow_runs/{run}")["state"])

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    pods = Pods(tmp_path_factory.mktemp("cluster"), pyz, certificates).image("prefect3")
    pods.cluster(2, DASKFLOW_OWNED="0")
    yield pods
    pods.end()


def execute(cluster: Pods, server: Server, run: str, workers: int = 2) -> Any:
    told = {**server.environment, "PREFECT__FLOW_RUN_ID": run}
    return cluster.runner({"command": COMMAND}, workers, f"runner-{len(cluster.pods)}", **told)


def test_a_deployed_flow_has_its_tasks_on_the_cluster_and_is_executed_once(
    cluster: Pods, server: Server
) -> None:
    run = server.create(n=4)
    runner = execute(cluster, server, run)
    assert runner.wait(120) == 0, runner.log()
    message = runner.message()
    assert message["outcome"] == "Succeeded", runner.log()
    assert message["message"].endswith("is Completed.")
    (said,) = [line for line in runner.log().splitlines() if "doubled" in line]
    assert "[0, 2, 4, 6]" in said
    assert "worker-0" in said or "worker-1" in said
    assert "sitecustomize" not in runner.log()
    again = execute(cluster, server, run)
    assert again.wait(60) == 0
    assert again.message()["outcome"] == "Succeeded"
    assert "is Completed already: it is not executed again" in again.log()
    assert server.ask(f"/flow_runs/{run}")["run_count"] == 1


def test_a_flow_that_fails_fails_its_run_with_the_words_of_the_server(cluster: Pods, server: Server) -> None:
    run = server.create(n=1, fail=True)
    runner = execute(cluster, server, run)
    assert runner.wait(120) == 1, runner.log()
    message = runner.message()
    assert (message["outcome"], message["reason"]) == ("Failed", "FlowFailed"), runner.log()
    assert "is Failed: Flow run encountered an exception: ValueError: part 2 is empty." in message["message"]
    assert server.state(run)["type"] == "FAILED"


def test_a_cancellation_in_prefect_is_one_of_the_run(cluster: Pods, server: Server) -> None:
    run = server.create(n=2, seconds=600)
    runner = execute(cluster, server, run)
    eventually(lambda: server.state(run)["type"] == "RUNNING", 60)
    server.ask(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    runner.wait(120)
    assert runner.message()["reason"] == "Cancelled", runner.log()
    assert server.state(run)["type"] == "CANCELLED"


def test_a_runner_that_is_told_to_end_leaves_the_state_to_whoever_knows_why(
    cluster: Pods, server: Server
) -> None:
    run = server.create(n=2, seconds=600)
    runner = execute(cluster, server, run)
    eventually(lambda: server.state(run)["type"] == "RUNNING", 60)
    time.sleep(1)  # Prefect's engine sets its handler of signals after that state
    runner.signal(15)
    runner.wait(60)
    assert runner.message()["reason"] == "Terminated", runner.log()
    assert server.state(run)["type"] == "RUNNING"


def test_a_runner_that_is_lost_after_its_flow_has_ended_has_told_its_outcome(
    pods: Pods, server: Server
) -> None:
    pods.image("prefect3")
    scheduler, _ = pods.cluster(1)
    run = server.create(n=1, linger=600)
    runner = execute(pods, server, run, workers=1)
    eventually(lambda: server.state(run)["type"] == "COMPLETED", 60)
    eventually(lambda: (scheduler.message().get("outcome") or {}).get("outcome") == "Succeeded")
    assert runner.message()["outcome"] == "Succeeded"
    assert runner.popen.poll() is None  # its hook goes on, on its cluster
    assert scheduler.popen.poll() is None
    os.killpg(runner.popen.pid, 9)
    scheduler.wait(60)
    assert scheduler.message()["outcome"]["message"].endswith("is Completed.")


def test_a_server_that_is_gone_fails_the_run(pods: Pods) -> None:
    pods.image("prefect3")
    gone = {"PREFECT_API_URL": "http://127.0.0.1:1/api", "DASKFLOW_PREFECT_PATIENCE": 0.1}
    flow_run = {"PREFECT__FLOW_RUN_ID": "00000000-0000-0000-0000-000000000001"}
    runner = pods.runner({"command": COMMAND}, None, **gone, **flow_run)
    assert runner.wait(60) == 1
    assert "the flow run is not executed: Prefect's server does not answer" in runner.log()


def test_an_image_without_prefect_is_told_of(pods: Pods) -> None:
    gone = {"PREFECT_API_URL": "http://127.0.0.1:1/api"}
    runner = pods.runner({"command": COMMAND}, None, **gone, PREFECT__FLOW_RUN_ID="x")
    assert runner.wait(60) == 1
    message = runner.message()
    assert (message["reason"], message["message"]) == (
        "ContainerCannotRun",
        "The image has no prefect; install prefect, prefect-dask and distributed in it.",
    )
