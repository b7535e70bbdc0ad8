"""`daskflow local`: manifests on this machine, in the processes that are pods in Kubernetes."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import PYTHON, eventually

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMAND = [sys.executable, "-m", "daskflow.cli", "local"]
WAITING = """
import os, time
try:
    print("begun", os.environ["DASKFLOW_LOCAL"], flush=True)
    time.sleep(60)
finally:
    print("tidied up", flush=True)
"""

Local = Callable[..., "subprocess.CompletedProcess[str]"]


def manifest(flow: dict[str, Any] | str, workers: int = 1, **spec: Any) -> str:
    cluster = {"workers": {"replicas": workers}}
    whole = {
        "image": "flows:1",
        "flow": {"script": flow} if isinstance(flow, str) else flow,
        "cluster": cluster,
    }
    run = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": {"name": "run"}}
    return yaml.safe_dump({**run, "spec": {**whole, **spec}})


@pytest.fixture
def local(tmp_path: Path) -> Local:
    """Runs the command in a directory of its own; `text` is the manifest."""

    def run(
        *arguments: str, text: str = "", directory: Path = tmp_path
    ) -> "subprocess.CompletedProcess[str]":
        first = [] if text == "" else ["-"]
        whole = [*COMMAND, *first, "--python", PYTHON, "--directory", str(directory), *arguments]
        return subprocess.run(whole, input=text, capture_output=True, text=True, timeout=90, check=False)

    return run


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Starts the command with a manifest and lets it run."""
    running: list[subprocess.Popen[str]] = []

    def start(text: str) -> "subprocess.Popen[str]":
        path = tmp_path / "flowrun.yaml"
        path.write_text(text)
        popen = subprocess.Popen(
            [*COMMAND, str(path), "--python", PYTHON, "--output", str(tmp_path / "outcome.json")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(popen)
        return popen

    yield start
    for popen in running:
        if popen.poll() is None:
            popen.kill()
        popen.communicate()


def _outcome(answer: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert answer.stdout, answer.stderr
    return dict(json.loads(answer.stdout))


@pytest.mark.parametrize(
    ("example", "result"),
    [
        ("diamond", 9900),
        ("squares", 333283335000),
        ("script", {"scheduler": 9, "worker": 6, "runner": 6}),
        ("command", None),
    ],
)
def test_examples(local: Local, example: str, result: Any) -> None:
    answer = local(str(EXAMPLES / example / "flowrun.yaml"), "--output", "-", directory=EXAMPLES)
    outcome = _outcome(answer)
    assert (answer.returncode, outcome["phase"], outcome.get("result")) == (0, "Succeeded", result)
    assert outcome["cluster"]["workersDesired"] == 2
    assert outcome["flowStartTime"]
    assert "spec.image has no meaning here" in answer.stderr


def test_parameters_are_json_else_text(local: Local, tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text("def flow(a, b, c): return [a, b, c]")
    text = manifest({"entrypoint": "etl:flow", "parameters": {"a": 1, "b": 2}}, 0)
    answer = local("-p", "b=[3]", "--parameter", "c=day=1", "--output", "-", text=text)
    assert _outcome(answer)["result"] == [1, [3], "day=1"]
    bare = manifest({"entrypoint": "etl:flow"}, 0).replace(
        "etl:flow", "etl:flow\n    parameters: {b: 1, c: 2, n: 3}"
    )
    (tmp_path / "etl.py").write_text("def flow(n, b, c): return [n, b, c]")
    assert _outcome(local("-p", "n=4", "--output", "-", text=bare))["result"] == [4, 1, 2]
    wrong = local("-p", "b", text=text)
    assert (wrong.returncode, "write -p name=value" in wrong.stderr) == (2, True)


def test_numbers_that_a_cluster_would_round_are_refused_here_too(local: Local) -> None:
    said = "id is 18446744073709551617, and Kubernetes rounds numbers beyond 64 bits; write it as text"
    written = local(text=manifest({"entrypoint": "etl:flow", "parameters": {"id": 2**64 + 1}}, 0))
    assert (written.returncode, f"spec.flow.parameters: {said}" in written.stderr) == (2, True), (
        written.stderr
    )
    given = local("-p", f"id={2**64 + 1}", text=manifest({"entrypoint": "etl:flow"}, 0))
    assert (given.returncode, f"-p {said}" in given.stderr) == (2, True), given.stderr


def test_a_flow_that_fails(local: Local, tmp_path: Path) -> None:
    answer = local("--output", str(tmp_path / "outcome.json"), text=manifest("raise ValueError('day 32')"))
    outcome = json.loads((tmp_path / "outcome.json").read_text())
    assert answer.returncode == 1
    assert (outcome["phase"], outcome["reason"], outcome["failure"]["exception"]) == (
        "Failed",
        "FlowFailed",
        "ValueError",
    )
    assert answer.stderr.count("daskflow: Failed") == 1


def test_a_manifest_that_is_wrong_starts_nothing(local: Local) -> None:
    answer = local(text=manifest("x", cluser={}))
    assert answer.returncode == 2
    assert answer.stderr == "daskflow: spec.cluser is unknown; did you mean spec.cluster?\n"


def test_files_of_a_config_map_in_the_manifest(local: Local) -> None:
    flow = {"entrypoint": "main.py:flow", "files": {"configMapRef": {"name": "flows"}}}
    data = {
        "main.py": "from distributed import Client\nfrom part import double\n"
        "flow = lambda: Client().submit(double, 21).result()",
        "part.py": "def double(x): return 2 * x",
    }
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flows"}, "data": data}
    text = manifest(flow) + "---\n" + yaml.safe_dump(config_map)
    assert _outcome(local("--output", "-", text=text))["result"] == 42


@pytest.mark.parametrize("scheduler", ["threads", "processes", "sync"])
def test_single_machine_schedulers(local: Local, tmp_path: Path, scheduler: str) -> None:
    (tmp_path / "etl.py").write_text(
        "import dask, os, threading\n"
        "@dask.delayed\n"
        "def where(n): return [os.getpid(), threading.get_ident()]\n"
        "def flow():\n"
        "    found = dask.compute(*[where(n) for n in range(4)])\n"
        "    here = [os.getpid(), threading.get_ident()]\n"
        "    return [all(f == here for f in found), all(f[0] == here[0] for f in found)]\n"
    )
    outcome = _outcome(
        local("--scheduler", scheduler, "--output", "-", text=manifest({"entrypoint": "etl.py:flow"}))
    )
    assert (
        outcome["result"]
        == {"threads": [False, True], "processes": [False, False], "sync": [True, True]}[scheduler]
    )
    assert "cluster" not in outcome


def test_without_workers_there_is_no_cluster(local: Local) -> None:
    text = manifest("import os; result = os.environ.get('DASK_SCHEDULER_ADDRESS')", 0)
    outcome = _outcome(local("--output", "-", text=text))
    assert outcome["phase"] == "Succeeded"
    assert "cluster" not in outcome


def test_a_flow_makes_a_cluster_for_itself(local: Local) -> None:
    script = """
from daskflow.runtime import Cluster
def double(x): return 2 * x
from distributed import Client
with Cluster(workers=1, env={"LEVEL": "2"}) as cluster:
    level = Client().submit(__import__("os").getenv, "LEVEL").result()
    result = [sum(cluster.client.gather(cluster.client.map(double, range(10)))), level]
"""
    assert _outcome(local("--output", "-", text=manifest(script, 0)))["result"] == [90, "2"]


@pytest.mark.parametrize(("files", "result"), [(["day-1"], 5), (["day-1", "day-22"], 11)])
def test_the_snippet_of_the_docs(local: Local, tmp_path: Path, files: list[str], result: int) -> None:
    page = (EXAMPLES.parent / "docs" / "conditional.md").read_text()
    (snippet,) = re.findall(r"```python\n(.*?)```", page, re.S)
    (tmp_path / "etl.py").write_text("def read(name): return len(name)\n" + snippet)
    text = manifest({"entrypoint": "etl.py:flow", "parameters": {"files": files}}, 0)
    assert _outcome(local("--output", "-", text=text))["result"] == result


def test_a_python_without_distributed_is_explained(local: Local) -> None:
    text = manifest("result = 1")
    answer = local("--output", "-", "--python", "/no/python", text=text)
    assert (answer.returncode, "--python /no/python is no program" in answer.stderr) == (2, True)


def test_a_deadline(local: Local) -> None:
    text = manifest(WAITING, 0, deadlines={"active": "2s"})
    answer = local("--output", "-", text=text)
    outcome = _outcome(answer)
    assert (answer.returncode, outcome["reason"]) == (1, "DeadlineExceeded")
    assert "spec.deadlines.active of 2s" in outcome["message"]
    assert "tidied up" in answer.stderr


def test_a_worker_that_cannot_start_is_not_waited_for(local: Local) -> None:
    cluster = {"workers": {"replicas": 1, "args": ["--nthreads", "many"]}}
    answer = local("--output", "-", text=manifest("result = 1", cluster=cluster))
    outcome = _outcome(answer)
    assert (answer.returncode, outcome["reason"]) == (1, "WorkersFailing")
    assert "'many' is not a valid integer" in outcome["message"]


def test_a_worker_that_dies_is_replaced(local: Local) -> None:
    script = """
import os, signal
from distributed import Client
client = Client()
(worker,) = client.run(os.getpid).values()
os.kill(worker, signal.SIGKILL)
result = client.submit(sum, range(10), pure=False).result(timeout=30)
"""
    answer = local("--output", "-", "--logs", text=manifest(script))
    assert _outcome(answer).get("result") == 45, answer.stderr
    assert "worker-0 ended with signal 9; another one is started" in answer.stderr
    assert "worker-1: " in answer.stderr


def _processes(pyz: str) -> list[int]:
    """Of one run: all that were started from its copy of the runtime."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if pyz.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _begun(popen: "subprocess.Popen[str]", count: int = 4) -> str:
    """`count`: scheduler, worker, supervisor, flow, and what it makes; 0: it may be over."""
    assert popen.stdout is not None
    word, pyz = popen.stdout.readline().split()
    assert word == "begun"
    assert count in (0, len(_processes(pyz)))
    return pyz


def test_ctrl_c_cancels(started: Callable[[str], "subprocess.Popen[str]"], tmp_path: Path) -> None:
    popen = started(manifest(WAITING))
    pyz = _begun(popen)
    popen.send_signal(signal.SIGINT)
    out, _ = popen.communicate(timeout=30)
    assert "tidied up" in out
    assert popen.returncode == 130
    outcome = json.loads((tmp_path / "outcome.json").read_text())
    assert (outcome["phase"], outcome["reason"]) == ("Cancelled", "Cancelled")
    assert _processes(pyz) == []


def test_what_a_flow_raises_as_it_is_cancelled_is_kept(
    started: Callable[[str], "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    words = "except BaseException as error:\n    raise RuntimeError('not done') from error\nfinally:"
    popen = started(manifest(WAITING.replace("finally:", words)))
    _begun(popen)
    popen.send_signal(signal.SIGINT)
    popen.communicate(timeout=30)
    outcome = json.loads((tmp_path / "outcome.json").read_text())
    assert (outcome["phase"], outcome["failure"]["exception"]) == ("Cancelled", "RuntimeError")


def test_ctrl_c_again_kills(started: Callable[[str], "subprocess.Popen[str]"]) -> None:
    stubborn = WAITING.replace(
        "import os, time", "import os, signal, time\nsignal.signal(15, signal.SIG_IGN)"
    )
    popen = started(manifest(stubborn))
    pyz = _begun(popen)
    popen.send_signal(signal.SIGINT)
    assert popen.stderr is not None
    eventually(lambda: "once more to kill it" in popen.stderr.readline())  # type: ignore[union-attr]
    popen.send_signal(signal.SIGINT)
    began = time.monotonic()
    popen.communicate(timeout=30)
    assert popen.returncode == 130
    assert time.monotonic() - began < 10
    assert _processes(pyz) == []


def test_nothing_outlives_the_command(started: Callable[[str], "subprocess.Popen[str]"]) -> None:
    popen = started(manifest(WAITING))
    pyz = _begun(popen)
    popen.kill()
    eventually(lambda: _processes(pyz) == [], 20)


DAEMON = """
import os, time
from distributed import get_client

def daemon(twice):
    if os.fork() == 0:
        os.setsid()
        if twice and os.fork():
            os._exit(0)
        time.sleep(300)
        os._exit(0)

def both(twice):
    daemon(twice)
    get_client().submit(daemon, twice).result()

"""


def test_nor_does_a_daemon_that_the_flow_or_a_task_made(
    started: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    script = DAEMON + 'both(True); print("begun", os.environ["DASKFLOW_LOCAL"], flush=True)'
    popen = started(manifest(script))
    pyz = _begun(popen, 0)
    popen.communicate(timeout=30)
    assert (popen.returncode, _processes(pyz)) == (0, [])


def test_nor_in_another_session_if_the_command_is_killed(
    started: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    popen = started(manifest(DAEMON + "both(False)\n" + WAITING))
    pyz = _begun(popen, 6)
    popen.kill()
    eventually(lambda: _processes(pyz) == [], 20)


def test_progress_on_a_terminal(tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    path = tmp_path / "flowrun.yaml"
    script = """
from distributed import Client
import time
print("[bold]said", Client().submit(sum, [1]).result())
time.sleep(1.5)  # the scheduler tells of counts once a second
"""
    path.write_text(manifest(script))
    popen = subprocess.Popen(
        [*COMMAND, str(path), "--python", PYTHON],
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(mine, 65536):
            shown += data
    except OSError:  # the other side is closed
        pass
    assert popen.wait(30) == 0
    assert b"[bold]said 1" in shown
    assert b"1/1" in shown
