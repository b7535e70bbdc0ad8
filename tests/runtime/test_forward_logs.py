"""`runner.forwardLogs`: what tasks say on workers, in the runner's log."""

import asyncio
import io
import os
import signal
import threading
import time

import pytest
from daskflow.runtime import forward_logs
from daskflow.runtime.capture import KEPT_LINES, LINE_CHARACTERS, Lines, Tee

from tests.runtime.conftest import Pods


def test_lines_are_whole_and_bounded() -> None:
    lines = Lines()
    assert [lines.add(piece) for piece in ("one", " ", "line\n", "two\nthree\nhalf")] == [
        False,
        False,
        True,
        True,
    ]
    other = threading.Thread(target=lines.add, args=("of another thread\n",))
    other.start()
    other.join()
    assert lines.take(10) == ["one line", "two", "three", "of another thread"]
    lines.add("\n")
    assert lines.take(10) == ["half"]
    lines.add("x" * 9999 + "\n" + "line\n" * (KEPT_LINES + 4))
    assert lines.take(1) == ["x" * LINE_CHARACTERS]
    assert len(lines.take(KEPT_LINES)) == KEPT_LINES
    lines.add("and on\n")
    assert lines.take(10) == ["and on"]


def test_a_stream_that_is_listened_to_stays_what_it_is() -> None:
    stream, heard = io.StringIO(), io.StringIO()
    tee = Tee(stream, heard.write)
    print("a", 1, file=tee)
    tee.writelines(["b\n"])
    tee.flush()
    assert stream.getvalue() == heard.getvalue() == "a 1\nb\n"
    assert not tee.isatty()


def test_a_fork_of_a_task_does_not_wait_for_the_lock_of_a_thread_that_it_has_not() -> None:
    plugin = forward_logs.ForwardLogs()

    async def setup() -> None:
        plugin.setup(None)

    asyncio.run(setup())
    try:
        with plugin._lines._lock:
            pid = os.fork()
            if pid == 0:
                signal.alarm(5)
                print("printed in the fork")
                os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    finally:
        plugin.teardown(None)


SCRIPT = """
import logging, sys, time
from distributed import get_client, get_worker, wait
client = get_client()

def talk(n):
    print("printed", n)
    print("to stderr", n, file=sys.stderr)
    logging.getLogger("etl").info("informed %d", n)
    logging.getLogger("etl").debug("not this")
    logging.warning("warned %d", n)
    return n

print("sum", sum(client.gather(client.map(talk, range(4)))))
"""


def test_prints_and_logging_of_tasks_appear_with_the_workers_name(pods: Pods) -> None:
    _, workers = pods.cluster(2)
    runner = pods.runner({"script": SCRIPT}, 2, DASKFLOW_FORWARD_LOGS=1)
    assert runner.outcome()["outcome"] == "Succeeded", runner.log()
    log = runner.log().splitlines()
    own = "".join(worker.log() for worker in workers)
    for n in range(4):
        for text in (
            f"printed {n}",
            f"to stderr {n}",
            f"etl - INFO - informed {n}",
            f"root - WARNING - warned {n}",
        ):
            (line,) = (line for line in log if line.endswith(text))
            assert line.startswith(("[worker-0] ", "[worker-1] "))
            assert own.count(text + "\n") == 1
    assert "not this" not in runner.log() + own


def test_nothing_is_forwarded_unless_asked_for(pods: Pods) -> None:
    _, (worker,) = pods.cluster(1)
    runner = pods.runner({"script": SCRIPT}, 1)
    assert runner.outcome()["outcome"] == "Succeeded"
    assert "printed" not in runner.log()
    assert "printed 1" in worker.log()


def test_workers_that_come_later_are_heard_and_what_a_failing_task_said(pods: Pods) -> None:
    pods.scheduler()
    pods.worker(0, DASKFLOW_NANNY=1)
    script = """
from distributed import get_client
def boom():
    print("last words")
    raise ValueError("boom")
get_client().submit(boom).result()
"""
    runner = pods.runner({"script": script}, 0, DASKFLOW_FORWARD_LOGS=1)
    assert runner.outcome()["reason"] == "FlowFailed"
    assert "[worker-0] last words\n" in runner.log()


@pytest.mark.parametrize("forward", ["1", ""])
def test_a_flood_is_cut_and_slows_nothing(pods: Pods, forward: str) -> None:
    pods.cluster(1)
    script = """
import time
from distributed import get_client
def flood():
    begun = time.monotonic()
    for n in range(20_000):
        print("line", n)
    return time.monotonic() - begun
result = get_client().submit(flood).result()
"""
    runner = pods.runner({"script": script}, 1, DASKFLOW_FORWARD_LOGS=forward)
    begun = time.monotonic()
    outcome = runner.outcome()
    assert outcome["result"] < 10
    assert time.monotonic() - begun < 20
    assert runner.log().count("[worker-0]") <= (2 * KEPT_LINES if forward else 0)
    assert ("lines left out)" in runner.log()) == bool(forward)


def test_an_external_scheduler_is_no_reason_to_fail(pods: Pods, capfd: pytest.CaptureFixture[str]) -> None:
    class Client:
        def subscribe_topic(self, *_: object) -> None:
            raise ValueError("no such thing")

    assert forward_logs.follow(Client()) is None
    assert "logs are not forwarded" in capfd.readouterr().err
