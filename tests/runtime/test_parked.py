"""Clusters that wait, with all their processes, for a run that is not known yet."""

import base64
import json
import os
import signal
import time

import pytest
from daskflow.runtime.runner.control_client import ControlClient, Refused

from tests.runtime.conftest import Pods, eventually
from tests.runtime.scaling import secret
from tests.runtime.test_unpack import PROJECT, archive
from tests.runtime.waiting import Waiting, pid_of_flow, unread

FLOW = """
import os
from distributed import get_client
from helpers import double

def flow(n: int):
    print("first line")
    client = get_client()
    pids = client.run(os.getpid)
    return [client.submit(double, n).result(), os.getpid(), sorted(pids.values()), os.environ["DASKFLOW_RUN"]]
"""
SLOW = """
import os, time
here = os.path.dirname(__file__)
open(os.path.join(here, "imports"), "w").close()
while not os.path.exists(os.path.join(here, "go")):
    time.sleep(0.01)
"""
HELPERS = "def double(n):\n    return 2 * n\n"


@pytest.fixture(autouse=True)
def _speaks(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> None:
    secret(pods, monkeypatch)


@pytest.mark.parametrize("python", ["", "oldest"])
def test_a_waiting_cluster_runs_one_run_in_the_processes_that_waited(pods: Pods, python: str) -> None:
    if python:
        pods.image(python)
    pods.file("flows/etl.py", FLOW)
    pods.file("flows/helpers.py", HELPERS)
    waiting = Waiting(pods, 2, DASKFLOW_PRELOAD=json.dumps(["json.tool", "no_such_module"]))
    state = waiting.parked()
    assert state["standby"] == {
        "parked": True,
        "note": "The module no_such_module of preload cannot be imported: No module named 'no_such_module'.",
        "run": None,
        "attempt": None,
    }
    assert (state["runner"], state["begun"]) == ("uid-runner", None)
    assert not waiting.runner.ready()
    pid = pid_of_flow(waiting.runner)

    flow = {"entrypoint": "flows/etl.py:flow", "parameters": {"n": 21}}
    answer = waiting.claim(flow, DASKFLOW_REPORT_TO=str(pods.folder / "kept"))
    assert (answer["standby"]["run"], answer["standby"]["attempt"]) == ("run-1", 1)
    assert waiting.claim(flow)["standby"] == answer["standby"]
    for other in (("run-2", 1), ("run-1", 2)):
        with pytest.raises(Refused) as refused:
            waiting.claim(flow, *other)
        assert (refused.value.status, refused.value.body) == (409, {"run": "run-1", "attempt": 1})

    outcome = waiting.outcome()
    assert outcome["outcome"] == "Succeeded", waiting.runner.log()
    pids = sorted(worker.popen.pid for worker in waiting.workers)
    assert outcome["result"] == [42, pid, pids, "etl"]
    assert "first line" in waiting.runner.log()
    assert "has not answered" not in waiting.scheduler.log()
    message = waiting.scheduler.message()
    assert (message["reason"], message["begun"]) == ("OutcomeReceived", outcome["begun"])
    # What workers did for nobody is in no report.
    assert message["report"]["tasks"] == outcome["report"]["tasks"] == 1
    assert (pods.folder / "kept" / "default" / "etl" / "1" / "tasks.json.gz").exists()
    assert not unread(pods)


def test_a_worker_that_comes_late_finds_the_code_that_was_sent_along(pods: Pods) -> None:
    waiting = Waiting(pods, 1)
    waiting.parked()
    for worker in waiting.workers:
        worker.signal(signal.SIGKILL)
    eventually(lambda: waiting.state()["registered"] == 0)
    code = base64.b64encode(b"".join(archive(PROJECT))).decode()
    waiting.claim({"entrypoint": "etl:flow"}, archive=code)
    assert waiting.state()["begun"] is None
    waiting.workers = [pods.worker(7, DASKFLOW_NANNY=1)]
    result = waiting.outcome()["result"]
    assert result == [["daskflow-code", "here", 2], ["daskflow-code", "here", 4]], waiting.runner.log()


def test_code_of_megabytes_comes_with_a_claim(pods: Pods) -> None:
    waiting = Waiting(pods, 2)
    waiting.parked()
    much = {**PROJECT, "data/much.txt": os.urandom(3_700_000).hex()}
    code = base64.b64encode(b"".join(archive(much))).decode()
    assert len(code) > 4 << 20
    waiting.claim({"entrypoint": "etl:flow"}, archive=code)
    result = waiting.outcome()["result"]
    assert result == [["daskflow-code", "here", 2], ["daskflow-code", "here", 4]], waiting.runner.log()


def test_a_process_that_ends_while_it_waits_is_no_failure_of_a_flow(pods: Pods) -> None:
    waiting = Waiting(pods)
    waiting.parked()
    os.kill(pid_of_flow(waiting.runner), signal.SIGSEGV)
    outcome = waiting.outcome()
    assert (outcome["reason"], outcome["begun"]) == ("RunnerLost", None)
    assert outcome["message"].startswith("The process that waited for a run has ended: ")


def test_a_claim_is_awaited_by_a_cluster_that_has_not_come_up(pods: Pods) -> None:
    """And what is no claim, or no archive, leaves it to wait for another."""
    waiting = Waiting(pods, 1)
    eventually(waiting.scheduler.ready)
    for wrong in ({"run": "", "attempt": 1}, {"run": "a", "attempt": "1"}, {"run": "a", "attempt": 1}):
        with pytest.raises(Refused, match="HTTP 400"):
            waiting.control._ask("POST", "/v1/claim", wrong, 5)
    with pytest.raises(Refused, match=r"HTTP 400 .*archive of spec\.flow\.files cannot be unpacked"):
        waiting.claim({"script": ""}, "run-0", archive="AAAA")
    early = ControlClient(pods.control_url, "early")
    with pytest.raises(Refused, match="HTTP 503"):
        early.lease("2026-01-01T00:00:00Z")
    script = "import json, os\nresult = [json.loads(os.environ['DASKFLOW_PARAMETERS']), __name__]"
    waiting.claim({"script": script, "parameters": {"day": "today"}})
    assert waiting.outcome()["result"] == [{"day": "today"}, "__main__"]


def test_a_flow_has_not_begun_while_its_process_still_imports(pods: Pods) -> None:
    """Of a cluster that is claimed while it starts: deadlines of the start are those of such a run."""
    pods.file("modules/slow.py", SLOW)
    folder = str(pods.folder / "work" / "modules")
    waiting = Waiting(pods, DASKFLOW_PRELOAD=json.dumps(["slow"]), PYTHONPATH=folder)
    eventually((pods.folder / "work" / "modules" / "imports").exists)
    waiting.claim({"script": "result = 1"})
    eventually(lambda: unread(pods))
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        assert waiting.state()["begun"] is None
        assert not waiting.runner.ready()
        time.sleep(0.05)
    pods.file("modules/go", "")
    assert waiting.outcome()["result"] == 1


def test_a_runner_whose_image_lacks_prefect_says_so(pods: Pods) -> None:
    waiting = Waiting(pods, DASKFLOW_STANDBY_PREFECT=1)
    note = waiting.parked()["standby"]["note"]
    assert note == "The image has no Prefect 3, whose server `prefect: true` is to have up."


def test_a_command_takes_the_place_of_the_process_that_waited(pods: Pods) -> None:
    pods.file(
        "program.py",
        "import os\nfrom distributed import Client\nfrom beside import square\n"
        "print('on', os.environ['DASKFLOW_ATTEMPT'], Client().submit(square, 3).result(), flush=True)\n"
        "import time; time.sleep(60)\n",
    )
    pods.file("beside.py", "def square(n):\n    return n * n\n")
    waiting = Waiting(pods)
    waiting.parked()
    command = {"command": [pods.python, "program.py"]}
    waiting.claim(command, attempt=2, DASKFLOW_GRACE_SECONDS="5")
    eventually(lambda: "on 2 9\n" in waiting.runner.log(), 30)
    assert waiting.runner.ready()
    state = waiting.state()
    assert state["counts"] == {"done": 1, "total": 1}
    waiting.runner.signal(signal.SIGTERM)
    outcome = waiting.outcome()
    assert (outcome["reason"], outcome["message"]) == ("Terminated", "The run was terminated.")


def test_SIGTERM_ends_a_flow_within_the_grace_that_came_with_the_claim(pods: Pods) -> None:
    waiting = Waiting(pods)
    waiting.parked()
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print('heard', flush=True))\n"
    stubborn += "from distributed import get_client\nget_client().submit(print, 'from a task').result()\n"
    stubborn += "print('on', flush=True)\nwhile True: time.sleep(0.1)\n"
    waiting.claim({"script": stubborn}, DASKFLOW_GRACE_SECONDS="1", DASKFLOW_FORWARD_LOGS="1")
    eventually(lambda: "on\n" in waiting.runner.log())
    eventually(lambda: "[worker-0] from a task" in waiting.runner.log())
    before = time.monotonic()
    waiting.runner.signal(signal.SIGTERM)
    assert waiting.outcome()["reason"] == "Terminated"
    assert time.monotonic() - before < 15
    assert "heard" in waiting.runner.log()


def test_of_a_runner_that_waited_and_one_made_in_its_place_only_one_begins(pods: Pods) -> None:
    waiting = Waiting(pods)
    waiting.parked()
    waiting.runner.signal(signal.SIGSTOP)
    flow = {"script": "import time\nprint('on', flush=True)\ntime.sleep(60)"}
    waiting.claim(flow)
    second = pods.runner(flow, 1, "second")
    eventually(lambda: "on\n" in second.log())
    waiting.runner.signal(signal.SIGCONT)
    outcome = waiting.runner.outcome()
    assert (outcome["reason"], outcome["begun"]) == ("RunnerSuperseded", None)
    assert "on\n" not in waiting.runner.log()
    state = waiting.state()
    assert (state["runner"], bool(state["begun"])) == ("uid-second", True)


def test_a_cluster_that_nobody_claims_ends_by_itself(pods: Pods) -> None:
    waiting = Waiting(pods, 0, seconds=2, DASKFLOW_LEASE_SECONDS=2)
    waiting.parked()
    assert waiting.scheduler.wait(20) == 0
    assert waiting.scheduler.message()["reason"] == "Unclaimed"
    waiting.runner.wait(20)


def test_a_runner_that_goes_while_it_waits_takes_its_cluster_along(pods: Pods) -> None:
    waiting = Waiting(pods)
    waiting.parked()
    waiting.runner.signal(signal.SIGTERM)
    outcome = waiting.outcome()
    assert outcome["message"] == "Terminated before the flow began: no run has claimed this cluster."
    assert outcome["begun"] is None


def test_a_scheduler_of_a_run_takes_no_claim(pods: Pods) -> None:
    scheduler = pods.scheduler()
    eventually(scheduler.ready)
    control = ControlClient(pods.control_url, "operator")
    with pytest.raises(Refused, match="HTTP 404"):
        control._ask("POST", "/v1/claim", {"run": "a", "attempt": 1}, 5)
    assert control.watch(-1, 0)["standby"] is None
