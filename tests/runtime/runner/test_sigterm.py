"""Flows that are told to end: the reason is ours, what they make of it is kept."""

import signal
from pathlib import Path

import pytest

from tests.runtime.conftest import Pods, eventually
from tests.runtime.processes import status

ASYNC = """
import asyncio, time

async def busy():
    while True:
        time.sleep(0.001)
        await asyncio.sleep(0)

async def idle():
    await asyncio.sleep(60)

async def main(*sides, last=lambda: None):
    tasks = [asyncio.create_task(side()) for side in sides]
    await asyncio.sleep(0.1)
    print("on", flush=True)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        last()
        raise
    finally:
        print("tidied up", flush=True)
"""
ENDS = {
    "exception": """
import time
try:
    print("on", flush=True); time.sleep(60)
except BaseException as error:
    print("tidied up", flush=True)
    raise RuntimeError("job failed") from error
""",
    "exit code": """
import sys, time
try:
    print("on", flush=True); time.sleep(60)
finally:
    print("tidied up", flush=True); sys.exit(3)
""",
    "own handler": """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("tidied up", flush=True), sys.exit("told to")))
print("on", flush=True); time.sleep(60)
""",
    "async": ASYNC + "asyncio.run(main())",
    "beside a busy task": ASYNC + "asyncio.run(main(busy))",
    "in its own code": ASYNC.replace("await asyncio.sleep(60)\n    except", "time.sleep(60)\n    except")
    + "asyncio.run(main(idle))",
    "in a thread's loop, too": ASYNC
    + "import threading\nthreading.Thread(target=lambda: asyncio.run(idle()), daemon=True).start()\n"
    + "asyncio.run(main())",
    "several at once": ASYNC
    + "loop = asyncio.new_event_loop()\n"
    + "both = [main(busy), idle()]\n"
    + "async def gathered(): return await asyncio.gather(*both)\n"
    + "loop.run_until_complete(loop.create_task(gathered()))",
    "a loop without an end": ASYNC
    + "loop = asyncio.new_event_loop()\nloop.create_task(main(busy))\n"
    + "try:\n    loop.run_forever()\nfinally:\n    print('tidied up', flush=True)",
    "with words of its own": ASYNC + "def last(): raise ValueError('not done')\nasyncio.run(main(last=last))",
}


def told(pods: Pods, script: str, **environment: object) -> dict[str, object]:
    runner = pods.runner({"script": script}, None, **environment)
    eventually(lambda: "on\n" in runner.log())
    runner.signal(signal.SIGTERM)
    return {**runner.outcome(), "log": runner.log()}


@pytest.mark.parametrize("script", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("image", ["", "oldest"])
def test_a_flow_that_is_told_to_end_tidies_up_and_is_terminated(pods: Pods, script: str, image: str) -> None:
    if image:
        pods.image(image)
    outcome = told(pods, script, DASKFLOW_GRACE_SECONDS=20)
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "Terminated"), outcome["log"]
    assert "tidied up" in outcome["log"]
    assert "killed" not in outcome["log"]


def test_what_it_says_then_is_kept(pods: Pods) -> None:
    outcome = told(pods, ENDS["exception"])
    assert outcome["message"].startswith(
        "The flow was told to end, and ended with RuntimeError: job failed ("
    )
    assert outcome["failure"]["exception"] == "RuntimeError"


def test_a_result_that_came_all_the_same_counts(pods: Pods) -> None:
    swallowing = ASYNC.replace("raise\n    finally", "return 'enough'\n    finally")
    assert told(pods, swallowing + "result = asyncio.run(main())")["result"] == "enough"


def test_a_flow_that_will_not_end_is_killed_and_terminated(pods: Pods) -> None:
    stubborn = "\nasync def forever():\n    while True:\n        try:\n            await main()\n"
    stubborn += "        except BaseException: pass\nasyncio.run(forever())"
    outcome = told(pods, ASYNC + stubborn, DASKFLOW_GRACE_SECONDS=1)
    assert (outcome["reason"], "is killed" in outcome["log"]) == ("Terminated", True)


def test_a_flow_that_terminates_itself_was_not_told_to(pods: Pods) -> None:
    outcome = pods.alone({"script": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)"})
    assert (outcome["reason"], outcome["failure"]["exception"]) == ("FlowKilled", "Terminated")


FORKS = """
import multiprocessing, os, signal, subprocess, time

def stubborn(ready):
    ready.set()
    try:
        time.sleep(60)
    except BaseException:
        time.sleep(60)

def square(n):
    return n * n

def ends(method):
    context = multiprocessing.get_context(method)
    ready = context.Event()
    process = context.Process(target=stubborn, args=(ready,))
    process.start()
    ready.wait()
    process.terminate()
    process.join(20)
    code, _ = process.exitcode, process.kill()
    with context.Pool(2) as pool:
        return code, pool.map(square, range(3))

def flow():
    return {method: ends(method) for method in ("fork", "forkserver", "spawn")}

def in_a_task():
    from distributed import get_client
    return get_client().submit(ends, "fork").result()

def tidying():
    try:
        print("on", flush=True)
        time.sleep(60)
    finally:
        with subprocess.Popen(["sleep", "60"]) as process:
            process.terminate()
        print("ended", process.returncode, flush=True)
        with multiprocessing.get_context("fork").Pool(1) as pool:
            print("pool", pool.map(square, [3]), flush=True)

def closing():
    os.closerange(3, 1000)
    with open("of-the-user", "w") as file:
        return os.fstat(file.fileno()).st_size

def lost():
    os.closerange(3, 1000)
    print("on", flush=True)
    time.sleep(60)
"""
ENDED = [-signal.SIGTERM, [0, 1, 4]]


@pytest.mark.parametrize("image", ["", "oldest"])
def test_processes_that_a_flow_makes_end_as_any(pods: Pods, image: str) -> None:
    if image:
        pods.image(image)
    pods.file("forks.py", FORKS)
    runner = pods.runner(
        {"entrypoint": "forks:flow"}, None, DASKFLOW_SCRATCH="/tmp"
    )  # sockets' paths are short
    assert runner.outcome()["result"] == dict.fromkeys(("fork", "forkserver", "spawn"), ENDED), runner.log()
    assert "Traceback" not in runner.log()


def test_those_of_a_task_do_too(pods: Pods) -> None:
    pods.file("forks.py", FORKS)
    pods.cluster(1)
    runner = pods.runner({"entrypoint": "forks:in_a_task"}, 1)
    assert runner.outcome()["result"] == ENDED, runner.log()


def test_those_of_a_flow_that_tidies_up_do_too(pods: Pods) -> None:
    pods.file("forks.py", FORKS)
    runner = pods.runner({"entrypoint": "forks:tidying"}, None)
    eventually(lambda: "on\n" in runner.log())
    runner.signal(signal.SIGTERM)
    runner.wait()
    assert f"ended {-signal.SIGTERM}\npool [9]\n" in runner.log()


def test_a_flow_may_close_all_files(pods: Pods) -> None:
    pods.file("forks.py", FORKS)
    assert pods.alone({"entrypoint": "forks:closing"})["result"] == 0, pods.pods[0].log()
    assert (pods.folder / "work" / "of-the-user").read_text() == ""
    runner = pods.runner({"entrypoint": "forks:lost"}, None, "lost")
    eventually(lambda: "on\n" in runner.log())
    (flow,) = Path(f"/proc/{runner.popen.pid}/task/{runner.popen.pid}/children").read_text().split()
    runner.signal(signal.SIGKILL)
    eventually(lambda: status(int(flow)) == "Z")


FORKED = """
import os, sys, time

def forked(end):
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        return end()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return [code, time.monotonic() - begun < 4]

def returns():
    return forked(lambda: "of the child")

def exits():
    return forked(lambda: sys.exit(3))

def says():
    return forked(lambda: sys.exit("the child is done"))

def raises():
    return forked(lambda: 1 / 0)

def yields():
    yield forked(lambda: None)
"""


@pytest.mark.parametrize(
    ("flow", "code"), [("returns", 0), ("exits", 3), ("says", 1), ("raises", 1), ("yields", 0)]
)
def test_a_fork_that_the_flow_lets_return_ends_as_a_program(pods: Pods, flow: str, code: int) -> None:
    pods.file("etl.py", FORKED)
    pods.cluster(0)
    runner = pods.runner({"entrypoint": f"etl:{flow}"}, 0)
    outcome = runner.outcome()
    assert outcome["outcome"] == "Succeeded"
    assert outcome["result"] == ([[code, True]] if flow == "yields" else [code, True])
    assert "fire_and_forget" not in runner.log()
    assert ("the child is done" in runner.log()) == (flow == "says")
    assert ("ZeroDivisionError" in runner.log()) == (flow == "raises")
