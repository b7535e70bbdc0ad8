"""The processes of `daskflow local`: workers that die, Ctrl-C, and that nothing outlives the command."""

import json
import os
import pty
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from daskflow.runtime.local.processes import Processes

from tests.runtime.conftest import PYTHON, eventually
from tests.runtime.local.conftest import COMMAND, WAITING, Local, manifest, outcome_of


def test_a_worker_that_cannot_start_is_not_waited_for(local: Local) -> None:
    cluster = {"workers": {"replicas": 1, "args": ["--nthreads", "many"]}}
    answer = local("--output", "-", text=manifest("result = 1", cluster=cluster))
    outcome = outcome_of(answer)
    assert (answer.returncode, outcome["reason"]) == (1, "WorkersFailing")
    assert "'many' is not a valid integer" in outcome["message"]


def test_nobody_else_is_given_a_port_that_the_scheduler_is_yet_to_listen_on(tmp_path: Path) -> None:
    processes = Processes("", str(tmp_path), {})
    ports = (processes.port, processes.control_port, processes.dashboard_port)
    try:
        for port in ports:
            with socket.socket() as other, pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", port))
    finally:
        processes.stop()
    for port in ports:
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))


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
    assert outcome_of(answer).get("result") == 45, answer.stderr
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
