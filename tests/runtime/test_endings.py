"""Flows that are told to end: the reason is ours, what they make of it is kept."""

import signal

import pytest

from .conftest import Pods, eventually

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
