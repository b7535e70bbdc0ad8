"""How a flow's process can end, and what its supervisor does for it until then."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from tests.runtime.conftest import Pods, eventually
from tests.runtime.processes import status


@pytest.mark.parametrize(
    "tail",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()",
        "import atexit, time; atexit.register(time.sleep, 60)",
        # Never lets go of the GIL.
        "import atexit, re; atexit.register(lambda: re.match('(a*)*b', 'a' * 40))",
    ],
    ids=["thread", "atexit", "gil"],
)
def test_a_process_that_lingers_after_its_outcome_is_killed(pods: Pods, tail: str) -> None:
    outcome = pods.alone({"script": f"{tail}\nresult = 1"}, DASKFLOW_END_SECONDS=1)
    assert outcome["outcome"] == "Succeeded"
    assert outcome["exit"] == 0


def test_the_kernels_memory_kill_is_recognised(pods: Pods) -> None:
    events = pods.folder / "memory.events"
    events.write_text("low 0\noom_kill 0\n")
    script = f"import os; open({str(events)!r}, 'w').write('oom_kill 1\\n'); os.kill(os.getpid(), 9)"
    outcome = pods.alone({"script": script}, DASKFLOW_CGROUP=pods.folder)
    assert outcome["reason"] == "OutOfMemory"


def test_SIGTERM_lets_the_flow_clean_up_and_tells_where_it_was(pods: Pods) -> None:
    script = (
        "import time\ntry:\n    print('on', flush=True); time.sleep(60)\nfinally:\n    print('cleaned up')\n"
    )
    runner = pods.runner({"script": script}, None)
    eventually(lambda: "on\n" in runner.log())
    runner.signal(signal.SIGTERM)
    outcome = runner.outcome()
    assert (outcome["outcome"], outcome["reason"], outcome["exit"]) == ("Failed", "Terminated", 1)
    assert outcome["message"].startswith("The flow was terminated: SIGTERM (")
    assert "time.sleep(60)" in outcome["failure"]["traceback"]
    assert "cleaned up" in runner.log()


def test_a_flow_that_ends_well_after_SIGTERM_has_succeeded(pods: Pods) -> None:
    script = """
import signal, time
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
print("on", flush=True)
while not ended:
    time.sleep(0.05)
result = "ended early"
"""
    runner = pods.runner({"script": script}, None)
    eventually(lambda: "on\n" in runner.log())
    runner.signal(signal.SIGTERM)
    assert runner.outcome()["result"] == "ended early"


def test_a_flow_that_ignores_SIGTERM_is_killed_after_its_grace(pods: Pods) -> None:
    script = "trap '' TERM; echo on; while :; do sleep 0.1; done"
    runner = pods.runner({"command": ["sh", "-c", script]}, None, DASKFLOW_GRACE_SECONDS=1)
    eventually(lambda: "on\n" in runner.log())
    start = time.monotonic()
    runner.signal(signal.SIGTERM)
    assert runner.outcome()["reason"] == "Terminated"
    assert 1 <= time.monotonic() - start < 15  # of 30 without the setting


def test_the_ready_port_opens_with_the_first_line(pods: Pods) -> None:
    runner = pods.runner({"script": "print('on', flush=True); import time; time.sleep(60)"}, None)
    eventually(lambda: "on\n" in runner.log())
    assert runner.ready()


def test_a_flow_needs_no_distributed_when_it_has_no_cluster(pods: Pods) -> None:
    pods.file("distributed.py", "raise ImportError('not installed')")
    assert pods.alone({"script": "result = 1"}, PYTHONPATH=pods.folder / "work")["result"] == 1


def test_the_supervisor_reaps_and_outlives_what_the_flow_leaves(pods: Pods) -> None:
    script = "import subprocess; p = subprocess.Popen(['sleep', '60']); result = p.pid"
    pid = pods.alone({"script": script})["result"]
    eventually(lambda: not os.path.exists(f"/proc/{pid}") or "Z" in status(pid))


UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc"]


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*UNSHARE, "true"], capture_output=True).returncode != 0,
    reason="may not make PID namespaces",
)
def test_process_1_reaps_the_orphans_of_the_flow(pods: Pods) -> None:
    script = """
import os, subprocess, time
subprocess.run(["sh", "-c", "sleep 0.1 & sleep 0.1 & sleep 0.1 &"])
def processes():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
while len(processes()) > 2:
    time.sleep(0.05)
result = [os.getppid(), os.getpid(), processes()]
"""
    outcome = pods.start(
        "runner", ["runner"], {"DASKFLOW_FLOW": json.dumps({"script": script})}, prefix=UNSHARE
    ).outcome()
    assert outcome["result"] == [1, 2, [1, 2]]


def test_a_process_may_open_as_many_files_as_the_hard_limit_lets_it(pods: Pods) -> None:
    """Containers have a soft limit of 1,024, half of which Dask keeps for calls to workers."""
    script = "import resource; result = resource.getrlimit(resource.RLIMIT_NOFILE)"
    told = {"DASKFLOW_FLOW": json.dumps({"script": script})}
    low = ["sh", "-c", 'ulimit -Sn 256; ulimit -Hn 4000; exec "$@"', "sh"]
    assert pods.start("runner", ["runner"], told, prefix=low).outcome()["result"] == [4000, 4000]
