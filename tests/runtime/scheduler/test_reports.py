"""Reports on a scheduler that is played: what is bounded, forgotten and odd."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.api.flowrun_report import report_of
from daskflow.api.report_timeline import decoded
from daskflow.runtime.scheduler.report import PREFIXES, Report
from daskflow.runtime.scheduler.reports import LATE, MOST, Reports
from daskflow.runtime.scheduler.task_log import OTHERS


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
    report.task("key", "some", "memory", spent(0.5, after=-0.5), 0, None)
    time.sleep(1)
    report.look()
    report.task("key", "some", "memory", spent(0.5, after=86400), 0, None)
    said = report.said()
    assert decoded(said["timeline"]).width == 0.125
    assert said["threadSeconds"]["busy"] == pytest.approx(0.5, abs=0.05)


def test_prefixes_are_bounded_and_the_dearest_are_told_however_late_they_come() -> None:
    report = Report(played(), False)
    for number in range(10 * PREFIXES):
        report.task("key", f"prefix-{number:04}", "memory", spent(0.001 + number / 1e6), 10, None)
        assert len(report._prefixes) <= PREFIXES + 1
    for _ in range(7):
        report.task("key", "dear", "memory", spent(1), 10, None)
        for number in range(PREFIXES):
            report.task("key", f"more-{number}", "memory", spent(0.001), 10, None)
    said = report.said()
    told = {each["name"]: each for each in said["prefixes"]}
    assert list(told)[:2] == ["dear", OTHERS]
    assert (told["dear"]["tasks"], told["dear"]["seconds"]) == (7, 7.0)
    assert (said["tasks"], len(report._timeline._rows)) == (17 * PREFIXES + 7, len(report._prefixes) + 2)
    assert said["threadSeconds"]["busy"] == pytest.approx(7 + 7 * 0.2 + 2 + 2, abs=0.1)


def test_a_task_that_was_given_up_before_it_ran_is_no_kind_of_task() -> None:
    report = Report(played(), False)
    report.task("key", "given-up", "released", (), None, None)
    report.task("key", "ran", "memory", spent(1), 10, None)
    assert [each["name"] for each in report.said()["prefixes"]] == ["ran"]


def test_the_longest_of_tasks_that_leave_their_threads_is_what_it_was_in_one() -> None:
    """A task that waits for tasks of its own took no long time: nobody has to split it."""
    prefix = SimpleNamespace(name="outer")
    task = SimpleNamespace(key="outer-1", prefix=prefix)
    worker = SimpleNamespace(
        address="tcp://1", name="w", nthreads=1, metrics={}, memory_limit=0, long_running=[task],
        status=SimpleNamespace(name="running"), processing=["outer-1"], executing={}, last_seen=time.time(),
    )  # fmt: skip
    report = Report(played(worker), True)
    began = time.time()
    for _ in range(4):
        time.sleep(0.25)
        report.look()
    worker.long_running = []
    took = time.time() - began
    startstops = [{"action": "compute", "start": began, "stop": began + took + 0.1}]
    report.task("outer-1", "outer", "memory", startstops, 10, None)
    [outer] = report.said()["prefixes"]
    assert outer["longest"] == outer["seconds"] == pytest.approx(0.1, abs=0.1)


def test_names_of_prefixes_are_cut() -> None:
    report = Report(played(), False)
    report.task("key", "ü" * 99, False, spent(1), 10, None)
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


ID = "0c6f0d5e-d2b2-11f0-8de9-0242ac120002"


def shared(*runners: str, work: bool = False) -> tuple[Any, Reports]:
    """A cluster that stays, with a worker of two threads, and as many runs."""
    worker = SimpleNamespace(
        address="w",
        name="w",
        nthreads=2,
        metrics={},
        memory_limit=0,
        status=SimpleNamespace(name="running"),
        long_running=set(),
        processing={},
        executing={},
    )
    scheduler = played(worker)
    reports = Reports(scheduler, False)
    reports.work(work)
    for runner in runners:
        reports.leased(runner, False, 0.0)
    return scheduler, reports


def done(scheduler: Any, reports: Reports, key: str, seconds: float) -> None:
    scheduler.tasks[key] = SimpleNamespace(prefix=SimpleNamespace(name=key[0]))
    reports.task(key, "memory", {"startstops": spent(seconds), "nbytes": 1, "worker": "w"})


def test_of_runs_on_one_cluster_each_has_the_tasks_that_its_flow_asked_for_first() -> None:
    scheduler, reports = shared("uid-1", "uid-2")
    reports.leased("uid-1", True, 0.0)
    reports.asked(f"Client-run-uid-1-{ID}", {"a-1": 1, "b-1": 2})
    reports.asked(f"PrefectDaskClient-run-uid-2-{ID}", ["b-1", "c-1"])
    reports.asked(f"Client-run-uid-3-{ID}", ["d-1"])  # of a run that takes no lease here
    reports.asked(f"Client-{ID}", ["d-2"])
    reports.asked(f"Client-worker-{ID}", ["d-3"])  # whose task asked, nobody knows
    for key in ("a-1", "b-1", "c-1", "d-1", "d-2", "d-3"):
        done(scheduler, reports, key, 0.1)
    named = {runner: [each["name"] for each in reports.said(runner)["prefixes"]] for runner in reports._runs}  # type: ignore[index]
    assert named == {"uid-1": ["a", "b"], "uid-2": ["c"]}
    log = reports.of("uid-1").tasks  # type: ignore[union-attr]
    assert log is not None
    assert log.frozen().prefixes == ["a", "b"]
    for key in ("a-1", "b-1", "c-1"):
        reports.forgotten(key)
    assert not reports._tasks._of
    done(scheduler, reports, "a-1", 0.1)
    assert reports.said("uid-1")["tasks"] == 2  # type: ignore[index]


def test_what_tasks_ask_for_is_the_one_runs_that_is_there() -> None:
    scheduler, reports = shared("uid-1")
    reports.asked(f"Client-worker-{ID}", ["a-1"])
    done(scheduler, reports, "a-1", 0.1)
    assert reports.said("uid-1")["tasks"] == 1  # type: ignore[index]


def test_runs_pay_for_their_own_tasks_and_share_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler, reports = shared("uid-1", "uid-2", work=True)
    for runner, report in reports._runs.items():
        report.workers.until(report._began + 100)  # 200 thread-seconds
        monkeypatch.setattr(report, "now", lambda report=report: report._began + 100)
        report.look()
        reports.asked(f"Client-run-{runner}-{ID}", [f"{runner[-1]}-{runner}"])
    for key, seconds in (("1-uid-1", 60), ("2-uid-2", 20), ("3", 40)):
        done(scheduler, reports, key, seconds)
    told = [reports.said(runner)["threadSeconds"] for runner in ("uid-1", "uid-2")]  # type: ignore[index]
    # 120 were taken, by tasks of nobody too, and 80 by none.
    assert [each["busy"] for each in told] == pytest.approx([60, 20], abs=0.01)
    assert [each["paid"] for each in told] == pytest.approx([100, 60], abs=0.1)
    assert [each["idle"] for each in told] == [0, 0]
    line = decoded(reports.said("uid-1")["timeline"])  # type: ignore[index]
    assert sum(line.paid) * line.width == pytest.approx(100, rel=0.1)


def test_a_run_that_has_ended_says_what_it_said_and_leaves_its_place() -> None:
    scheduler, reports = shared(*(f"uid-{number}" for number in range(MOST)))
    reports.asked(f"Client-run-uid-1-{ID}", ["a-1", "a-2"])
    done(scheduler, reports, "a-1", 0.1)
    told = reports.ended("uid-1")
    assert told is not None
    assert told["tasks"] == 1
    reports.leased("uid-1", True, 1.0)  # its last, which was under way
    done(scheduler, reports, "a-2", 0.1)
    assert (reports.ended("uid-1"), reports.said("uid-1")) == (told, told)
    assert (reports.of("uid-1"), len(reports.all)) == (None, MOST - 1)
    reports.leased("uid-99", False, 1.0)
    assert reports.of("uid-99") is not None
    assert reports.all[0].workers._runs == MOST


def test_nobody_who_leases_and_ends_for_ever_takes_memory() -> None:
    _, reports = shared()
    for number in range(3 * LATE):
        reports.leased(f"uid-{number}", False, 0.0)
        reports.ended(f"uid-{number}")
    for number in range(3 * MOST):
        reports.leased(f"other-{number}", False, 0.0)
    assert (len(reports._ended), len(reports._leases), len(reports._runs)) == (LATE, MOST, MOST)


def test_after_something_odd_no_run_has_half_a_report() -> None:
    scheduler, reports = shared("uid-1")
    scheduler.tasks["a-1"] = SimpleNamespace(prefix=SimpleNamespace(name="a"))
    reports.task("a-1", "memory", {"startstops": [{"odd": 1}]})
    reports.leased("uid-1", True, 5.0)
    assert reports.said("uid-1") is None


def test_a_task_that_ended_while_the_scheduler_was_busy_keeps_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A large graph keeps its event loop, and with it the look of each second, for as long as it takes."""
    report = Report(played(), False)
    began = report._began
    monkeypatch.setattr(report, "now", lambda: began + 60)
    report.task(
        "key", "a", "memory", [{"action": "compute", "start": began + 5, "stop": began + 55}], 0, None
    )
    assert report.said()["threadSeconds"]["busy"] == pytest.approx(50)


def test_a_clock_that_went_back_takes_no_time_away() -> None:
    report = Report(played(), False)
    now = report._began
    for start, stop in ((now + 1, now + 3), (now + 3, now + 1.5)):
        told = [{"action": action, "start": start, "stop": stop} for action in ("compute", "transfer")]
        report.task("key", "a", "memory", told, 0, None)
    said = report.said()
    assert said["prefixes"][0]["tasks"] == 2
    assert said["threadSeconds"]["busy"] == said["movedSeconds"] == pytest.approx(2)
