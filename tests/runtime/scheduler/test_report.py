"""The report of a run, as its runner and its scheduler leave it."""

import signal
import time
from typing import Any

import pytest
from daskflow.api.flowrun_report import report_of
from daskflow.api.report_timeline import decoded

from tests.runtime.conftest import Pods, eventually

FLOWS = """
import os, signal, time
from distributed import get_client, secede, worker_client

def work(n, seconds=0.6):
    time.sleep(seconds)
    return b"x" * 1000

def known(rounds):
    began = time.monotonic()
    for number in range(rounds):
        get_client().gather(get_client().map(work, range(4), pure=False))
        time.sleep(max(began + number + 1 - time.monotonic(), 0))
    return time.monotonic() - began

def rest(n, seconds=0.4):
    time.sleep(seconds)

def beside(rounds):
    for number in range(rounds):
        get_client().gather(get_client().map(rest, range(2), pure=False))

def alone():
    return 1

def failing(n):
    raise ValueError(n)

def fails():
    return get_client().submit(failing, 1).result()

def hangs():
    kept = get_client().map(work, range(2), seconds=60)
    time.sleep(60)

def dying(folder):
    if os.path.exists(folder):
        return 1
    os.mkdir(folder)
    time.sleep(2)
    os.kill(os.getpid(), signal.SIGKILL)

def loses(folder):
    return get_client().submit(dying, folder).result()

def large(n):
    return bytes([n % 256]) * 10_000_000

def sizes(*results):
    return sum(map(len, results))

def told(client, name):
    workers = client.scheduler_info()["workers"].values()
    return sum((each["metrics"].get("daskflow") or {}).get(name, 0) for each in workers)

def spills():
    client = get_client()
    held = client.map(large, range(30))
    client.gather(client.map(len, held))
    found = client.submit(sizes, *held[:8]).result() // 1_000_000
    while told(client, "spilled") < 100e6 or told(client, "moved") < 10e6:  # heartbeats tell
        time.sleep(0.1)
    return found

def asking():
    with worker_client() as client:
        return client.submit(work, 1, seconds=3).result()

def seceding():
    return len(get_client().submit(asking).result())
"""
VERSIONS = pytest.mark.parametrize("image", ["", "oldest"])


@pytest.fixture(autouse=True)
def flows(request: pytest.FixtureRequest) -> None:
    if "plain_pods" in request.fixturenames:
        pods: Pods = request.getfixturevalue("plain_pods")
        pods.file("flows.py", FLOWS)
        if request.node.callspec.params.get("image") if hasattr(request.node, "callspec") else "":
            pods.image(request.node.callspec.params["image"])


def flow(name: str, **parameters: Any) -> dict[str, Any]:
    return {"entrypoint": f"flows.py:{name}", "parameters": parameters}


def named(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in report["prefixes"] if each["name"] == name)


@VERSIONS
def test_known_work_is_told_as_it_was(plain_pods: Pods, image: str) -> None:
    scheduler, workers = plain_pods.cluster(2, DASKFLOW_THREADS=2)
    eventually(lambda: all(worker.ready() for worker in workers))
    registered = time.monotonic()
    outcome = plain_pods.runner(flow("known", rounds=4), 2).outcome()
    longest, shortest = time.monotonic() - registered, outcome["result"]
    report = report_of(outcome["report"])
    assert report is not None
    busy, paid = report.thread_seconds.busy, report.thread_seconds.paid
    assert busy == pytest.approx(4 * 4 * 0.6, rel=0.03)
    assert 4 * shortest <= paid <= 4 * longest + 2
    assert report.thread_seconds.idle == pytest.approx(paid - busy, rel=0.1)
    assert (report.tasks, report.failed) == (16, 0)
    [work] = report.prefixes
    assert (work.name, work.tasks, work.seconds) == ("work", 16, busy)
    assert work.longest == pytest.approx(0.6, abs=0.1)
    assert outcome["report"]["prefixes"][0]["bytes"] >= 16_000
    assert (report.workers.count, report.workers.threads, report.workers.deaths) == (2, 4, 0)
    assert 2**24 < outcome["report"]["memory"]["peak"] < 2**30
    assert report.memory.by in ("worker-0", "worker-1")
    drawn = decoded(report.timeline or "")
    assert sum(drawn.busy[0]) * drawn.width == pytest.approx(busy, rel=0.1)
    assert sum(drawn.paid[:-1]) * drawn.width == pytest.approx(paid, rel=0.1)
    assert scheduler.wait() == 0
    assert scheduler.message()["report"]["tasks"] == 16


def test_a_flow_without_tasks_has_a_report_too(plain_pods: Pods) -> None:
    plain_pods.cluster(1)
    report = plain_pods.runner(flow("alone"), 1).outcome()["report"]
    assert (report["tasks"], report["prefixes"]) == (0, [])
    assert report["threadSeconds"]["idle"] == report["threadSeconds"]["paid"] > 0
    assert report_of(report) is not None


def test_so_has_one_that_failed(plain_pods: Pods) -> None:
    plain_pods.cluster(1)
    outcome = plain_pods.runner(flow("fails"), 1).outcome()
    assert outcome["reason"] == "FlowFailed"
    assert (outcome["report"]["tasks"], outcome["report"]["failed"]) == (1, 1)


@VERSIONS
def test_what_a_killed_runner_left_behind_is_told_by_its_scheduler(plain_pods: Pods, image: str) -> None:
    scheduler, _ = plain_pods.cluster(1, DASKFLOW_LEASE_SECONDS=2)
    runner = plain_pods.runner(flow("hangs"), 1, DASKFLOW_LEASE_SECONDS=2)
    eventually(lambda: scheduler.message().get("begun"))
    time.sleep(3)
    runner.signal(signal.SIGKILL)
    assert scheduler.wait() == 1
    message = scheduler.message()
    assert message["reason"] == "LeaseLost"
    spent = message["report"]["threadSeconds"]
    # Nobody wants them any more since their client has gone, and the time they took is as heartbeats had it.
    assert message["report"]["tasks"] == 0
    assert 1 < spent["busy"] <= spent["paid"] + 0.1
    assert spent["queued"] > 1  # the other task


@pytest.mark.parametrize(("image", "nanny"), [("", 0), ("", 1), ("oldest", 0)])
def test_a_worker_that_was_killed_is_counted_and_what_it_did_as_well(
    plain_pods: Pods, image: str, nanny: int
) -> None:
    plain_pods.cluster(2, DASKFLOW_NANNY=nanny)
    folder = str(plain_pods.folder / "tried")
    outcome = plain_pods.runner(flow("loses", folder=folder), 2).outcome()
    assert outcome["outcome"] == "Succeeded"
    report = outcome["report"]
    assert (report["workers"]["count"], report["workers"]["deaths"]) == (2, 1)
    assert named(report, "dying")["tasks"] == 1
    assert 1 < named(report, "dying")["seconds"] < 3


def test_workers_that_go_in_order_do_not_die(plain_pods: Pods) -> None:
    _, workers = plain_pods.cluster(2)
    runner = plain_pods.runner(flow("known", rounds=4), 2)
    eventually(lambda: "is a function" in runner.log(), 60)
    workers[0].signal(signal.SIGTERM)
    assert workers[0].wait() == 0
    assert runner.outcome()["report"]["workers"]["deaths"] == 0


@VERSIONS
def test_a_task_that_has_left_its_thread_takes_no_time_of_it(plain_pods: Pods, image: str) -> None:
    plain_pods.cluster(1)
    report = plain_pods.runner(flow("seceding"), 1).outcome()["report"]
    assert named(report, "work")["seconds"] == pytest.approx(3, abs=0.1)
    assert named(report, "asking")["seconds"] < 1.3  # looked at once a second
    assert report["threadSeconds"]["busy"] <= report["threadSeconds"]["paid"] + 1


@VERSIONS
def test_what_was_spilled_and_moved_is_told_in_bytes(plain_pods: Pods, image: str) -> None:
    # Workers take 60 % of their limit before they spill: at least 300 MB less 2 x 72 MB go to disk.
    plain_pods.cluster(2, DASKFLOW_MEMORY_LIMIT=120_000_000)
    outcome = plain_pods.runner(flow("spills"), 2, OMP_NUM_THREADS=1).outcome()
    assert outcome["result"] == 80, outcome
    report = outcome["report"]
    assert 100e6 < report["memory"]["spilled"] < 1e9
    assert report["memory"]["limit"] == 120_000_000
    assert 10e6 <= report["moved"] <= 100e6
    assert report["movedSeconds"] > 0
    assert named(report, "large")["bytes"] >= 300e6


@VERSIONS
def test_each_run_on_a_standalone_cluster_has_its_share(plain_pods: Pods, image: str) -> None:
    plain_pods.cluster(2, DASKFLOW_OWNED=0)
    first = plain_pods.runner(flow("known", rounds=2), 2, name="first").outcome()["report"]
    second = plain_pods.runner(flow("fails"), 2, name="second").outcome()["report"]
    assert [each["name"] for each in first["prefixes"]] == ["work"]
    assert [each["name"] for each in second["prefixes"]] == ["failing"]
    assert (first["tasks"], second["tasks"]) == (8, 1)
    assert second["threadSeconds"]["paid"] == pytest.approx(2 * second["seconds"], rel=0.05)


@VERSIONS
def test_runs_at_the_same_time_have_each_their_own_tasks_and_pay_for_them(
    plain_pods: Pods, image: str
) -> None:
    began = time.monotonic()
    _, workers = plain_pods.cluster(2, DASKFLOW_OWNED=0, DASKFLOW_THREADS=2)
    eventually(lambda: all(worker.ready() for worker in workers), 60)
    runners = [
        plain_pods.runner(flow("known", rounds=4), 2, name="first"),
        plain_pods.runner(flow("beside", rounds=8), 2, name="second"),
        # Somebody who takes no lease.
        plain_pods.runner(flow("seceding"), None, name="third", **plain_pods._addresses()),
    ]
    first, second, third = (runner.outcome() for runner in runners)
    longest = time.monotonic() - began
    assert (third["outcome"], "report" in third) == ("Succeeded", False)
    reports = [first["report"], second["report"]]
    assert [[each["name"] for each in report["prefixes"]] for report in reports] == [["work"], ["rest"]]
    assert [report["tasks"] for report in reports] == [16, 16]
    busy = [report["threadSeconds"]["busy"] for report in reports]
    assert busy == pytest.approx([16 * 0.6, 16 * 0.4], rel=0.05)
    paid = [report["threadSeconds"]["paid"] for report in reports]
    assert all(map(float.__le__, busy, paid))
    assert sum(paid) <= 4 * longest
    assert all(report["threadSeconds"]["idle"] <= each for report, each in zip(reports, paid, strict=True))


def test_a_scheduler_that_is_killed_leaves_a_report_of_late(plain_pods: Pods) -> None:
    scheduler, _ = plain_pods.cluster(1, DASKFLOW_REPORT_SECONDS=0.5)
    plain_pods.runner(flow("hangs"), 1)
    eventually(lambda: scheduler.message().get("report", {}).get("threadSeconds", {}).get("busy", 0) > 1)
    scheduler.signal(signal.SIGKILL)
    scheduler.wait()
    assert scheduler.message()["begun"]
