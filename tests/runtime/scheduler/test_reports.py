"""Reports on a scheduler that is played: what is bounded, forgotten and odd."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from daskflow.api.flowrun_report import report_of
from daskflow.api.report_timeline import decoded
from daskflow.runtime.scheduler.report import OTHERS, PREFIXES, Report
from daskflow.runtime.scheduler.reports import MOST, Reports


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
