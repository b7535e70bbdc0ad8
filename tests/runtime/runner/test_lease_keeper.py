"""Runners and schedulers without each other: who waits, for whom, for how long, and what is said then."""

import signal
import time

import pytest

from tests.runtime.conftest import Pods, eventually
from tests.runtime.runner.test_run_flow import files
from tests.runtime.scaling import Operator, secret


def test_a_flow_ends_with_SchedulerLost_when_the_scheduler_dies(pods: Pods) -> None:
    files(pods)
    scheduler, (worker,) = pods.cluster(1)
    runner = pods.runner({"entrypoint": "flows/etl.py:sleepy", "parameters": {"seconds": 60}}, 1)
    eventually(runner.ready)
    eventually(lambda: "sleepy" in runner.log())
    scheduler.signal(signal.SIGKILL)
    outcome = runner.outcome()
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "SchedulerLost")
    worker.wait(15)
    assert scheduler.message()["begun"] == outcome["begun"]
    assert scheduler.message()["reason"] == ""


def test_a_dead_runner_takes_its_cluster_along_while_a_worker_is_busy(pods: Pods) -> None:
    files(pods)
    scheduler, (worker,) = pods.cluster(1, DASKFLOW_LEASE_SECONDS=2)
    flow = {"entrypoint": "flows/etl.py:sleepy", "parameters": {"seconds": 60}}
    runner = pods.runner(flow, 1, DASKFLOW_LEASE_SECONDS=2)
    eventually(lambda: "sleepy" in runner.log())
    runner.signal(signal.SIGKILL)
    assert scheduler.wait(10) == 1
    worker.wait(15)
    message = scheduler.message()
    assert message["reason"] == "LeaseLost"
    assert message["begun"]
    assert message["outcome"] is None


BUSY = {
    "coroutine": "async def task():\n    import asyncio; await asyncio.sleep(60)",
    "stubborn": "def task():\n while True:\n  try: time.sleep(60)\n  except BaseException: pass",
    "seceded": "def task():\n    import distributed; distributed.secede(); time.sleep(60)",
    "spinning": "def task():\n    while True: pass",
}


def test_busy_workers_leave_with_their_scheduler(pods: Pods) -> None:
    script = f"""
import time
from distributed import get_client
client = get_client()
names = {{worker["name"]: address for address, worker in client.scheduler_info()["workers"].items()}}
futures = []
for number, source in enumerate({list(BUSY.values())!r}):
    exec(source)
    futures.append(client.submit(task, workers=[names["worker-%d" % number]]))
while sum(map(bool, client.processing().values())) < len(futures):
    time.sleep(0.02)
"""
    scheduler, workers = pods.cluster(len(BUSY))
    runner = pods.runner({"script": script}, len(BUSY))
    assert runner.outcome()["outcome"] == "Succeeded", runner.log()
    assert scheduler.wait(10) == 0
    assert {kind: worker.wait(10) for kind, worker in zip(BUSY, workers, strict=True)} == dict.fromkeys(
        BUSY, 0
    )


def test_a_cluster_goes_when_no_runner_ever_comes(pods: Pods) -> None:
    scheduler = pods.scheduler(DASKFLOW_LEASE_FIRST_SECONDS=1)
    assert scheduler.wait(10) == 1
    assert scheduler.message()["reason"] == "LeaseNeverTaken"
    assert scheduler.message()["begun"] is None


def test_a_terminated_scheduler_says_so(pods: Pods) -> None:
    scheduler = pods.scheduler()
    eventually(scheduler.ready)
    scheduler.signal(signal.SIGTERM)
    assert scheduler.wait(15) == 1
    assert scheduler.message()["reason"] == "Terminated"


def test_a_second_runner_is_refused_once_the_first_has_begun(pods: Pods) -> None:
    pods.scheduler()
    first = pods.runner({"script": "import time; print('first', flush=True); time.sleep(60)"})
    eventually(lambda: "first\n" in first.log())
    second = pods.runner({"script": "print('second', flush=True)"}, name="second").outcome()
    assert (second["outcome"], second["reason"]) == ("Failed", "RunnerSuperseded")
    assert second["begun"] is None
    assert "second\n" not in pods.pods[-1].log()
    assert first.popen.poll() is None


def test_a_flow_begins_with_the_required_workers_once_patience_is_over(pods: Pods) -> None:
    pods.cluster(1)
    start = time.monotonic()
    runner = pods.runner({"script": "result = 1"}, {"wanted": 2, "required": 1, "patience": 2})
    assert runner.outcome()["outcome"] == "Succeeded"
    assert time.monotonic() - start > 2


def test_a_flow_begins_with_fewer_workers_once_fewer_are_ordered(
    pods: Pods, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret(pods, monkeypatch)
    pods.cluster(1)
    runner = pods.runner({"script": "result = 1"}, {"wanted": 2, "required": 2, "patience": 0})
    eventually(lambda: pods.pods[0].message().get("runner"))
    Operator(pods).order(default=1)
    assert runner.outcome()["outcome"] == "Succeeded"


def test_missing_workers_are_told(pods: Pods) -> None:
    pods.scheduler()
    runner = pods.runner({"script": ""}, {"wanted": 1, "required": 1, "timeout": 1})
    outcome = runner.outcome()
    assert outcome["reason"] == "WorkersMissing"
    assert "0 of 1 worker " in outcome["message"]
    assert outcome["begun"] is None


def test_a_runner_terminated_before_it_begins_says_what_it_waited_for(pods: Pods) -> None:
    pods.scheduler()
    runner = pods.runner({"script": "print('user code')"}, 1)
    eventually(lambda: pods.pods[0].message().get("runner"))
    runner.signal(signal.SIGTERM)
    outcome = runner.outcome()
    assert outcome["reason"] == "Terminated"
    assert "0 of 1 worker " in outcome["message"]
    assert "user code" not in runner.log()


def test_a_runner_without_a_scheduler_gives_up(pods: Pods) -> None:
    outcome = pods.runner({"script": ""}, 1, DASKFLOW_LEASE_FIRST_SECONDS=1).outcome()
    assert outcome["reason"] == "SchedulerUnreachable"
