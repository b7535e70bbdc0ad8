"""The report of a run, as its runner and its scheduler leave it; reports on a scheduler that is played."""

import signal
import time
from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.api.flowrun_report import report_of
from daskflow.api.report_timeline import decoded
from daskflow.runtime.scheduler.report import OTHERS, PREFIXES, Report
from daskflow.runtime.scheduler.reports import MOST, Reports

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
def test_each_run_on_a_standalone_cluster_has_its_share(plain_pods: Pods, image: str) -> None:
    plain_pods.cluster(2, DASKFLOW_OWNED=0)
    first = plain_pods.runner(flow("known", rounds=2), 2, name="first").outcome()["report"]
    second = plain_pods.runner(flow("fails"), 2, name="second").outcome()["report"]
    assert [each["name"] for each in first["prefixes"]] == ["work"]
    assert [each["name"] for each in second["prefixes"]] == ["failing"]
    assert (first["tasks"], second["tasks"]) == (8, 1)
    assert second["threadSeconds"]["paid"] == pytest.approx(2 * second["seconds"], rel=0.05)


def test_a_scheduler_that_is_killed_leaves_a_report_of_late(plain_pods: Pods) -> None:
    scheduler, _ = plain_pods.cluster(1, DASKFLOW_REPORT_SECONDS=0.5)
    plain_pods.runner(flow("hangs"), 1)
    eventually(lambda: scheduler.message().get("report", {}).get("threadSeconds", {}).get("busy", 0) > 1)
    scheduler.signal(signal.SIGKILL)
    scheduler.wait()
    assert scheduler.message()["begun"]


def played(*workers: Any) -> Any:
    """As much of a scheduler as reports look at."""
    return SimpleNamespace(
        tasks={}, workers={each.address: each for each in workers}, unrunnable={}, queued=set()
    )


def spent(seconds: float, after: float = 0.0) -> list[dict[str, Any]]:
    start = time.time() + after
    return [{"action": "compute", "start": start, "stop": start + seconds}]


def test_a_worker_whose_clock_is_a_day_ahead_does_not_stretch_the_timeline() -> None:
    report = Report(played(), False)
    report.task("some", "memory", spent(0.5, after=-0.5), 0, None)
    time.sleep(1)
    report.look()
    report.task("some", "memory", spent(0.5, after=86400), 0, None)
    said = report.said()
    assert decoded(said["timeline"]).width == 0.125
    assert said["threadSeconds"]["busy"] == pytest.approx(0.5, abs=0.05)


def test_prefixes_are_bounded_and_the_dearest_are_told() -> None:
    report = Report(played(), False)
    for number in range(PREFIXES + 50):
        report.task(f"prefix-{number:03}", "memory", spent(number / 100), 10, None)
    said = report.said()
    assert [each["name"] for each in said["prefixes"]] == [
        OTHERS,
        *(f"prefix-{PREFIXES - 1 - number}" for number in range(7)),
    ]
    assert said["prefixes"][0]["tasks"] == 50
    assert (said["tasks"], len(report._prefixes)) == (PREFIXES + 50, PREFIXES + 1)


def test_names_of_prefixes_are_cut() -> None:
    report = Report(played(), False)
    report.task("ü" * 99, False, spent(1), 10, None)
    [told] = report.said()["prefixes"]
    assert len(told["name"].encode()) <= 40
    assert report_of(report.said()) is not None


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"odd": 1}, "KeyError('action')"),
        ({"action": "compute", "start": 0.0, "stop": float("-inf")}, "Error"),
        ({"action": "transfer", "start": 0.0, "stop": float("nan")}, "ValueError('Out of range float"),
    ],
)
def test_what_is_odd_ends_reports_and_nothing_else(
    odd: dict[str, Any], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not a number would cost the outcome, too: no such message is read."""
    scheduler = played()
    scheduler.tasks["key"] = SimpleNamespace(prefix=SimpleNamespace(name="some"))
    reports = Reports(scheduler, True)
    reports.task("key", "memory", {"startstops": [odd]})
    assert reports.said("any") is None
    [line] = capfd.readouterr().err.splitlines()
    assert line.startswith("daskflow: there will be no report: ")
    assert why in line
    reports.task("key", "memory", {"startstops": spent(1)})
    reports.came("nobody")
    reports.look(0.0)
    assert (reports.said("any"), reports.all) == (None, [])


def test_runs_that_are_silent_are_forgotten_and_too_many_are_not_recorded() -> None:
    reports = Reports(played(), False, silence=20)
    for number in range(MOST + 3):
        reports.leased(f"runner-{number}", False, 0.0)
    assert (len(reports.all), reports.of("runner-17")) == (MOST, None)
    reports.leased("runner-1", True, 15.0)
    reports.look(25.0)
    assert reports.all == [reports.of("runner-1")]
    kept = reports.of("runner-1")
    assert kept is not None
    assert kept.tasks is not None
    reports.leased("runner-17", False, 25.0)
    assert reports.of("runner-17") is not None
