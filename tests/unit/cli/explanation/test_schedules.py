"""Why a FlowSchedule has made no run."""

from typing import Any

import pytest
from daskflow.cli.explanation.found import Found
from daskflow.cli.explanation.schedules import schedule_explained

from tests.unit.cli.explanation.around import META, NOW, warning


def said(status: dict[str, Any], *, suspend: bool = False, **more: Any) -> list[str]:
    spec = {"cron": "0 2 * * *", "timeZone": "Europe/Berlin", "suspend": suspend}
    schedule = {"metadata": META, "spec": spec, "status": {"observedGeneration": 1, **status}}
    return schedule_explained(Found(schedule, **more), NOW)


def test_a_schedule_that_is_on_says_what_comes_and_what_was() -> None:
    runs = [
        {
            "metadata": {**META, "name": "etl-1"},
            "status": {"phase": "Failed", "reason": "FlowFailed"},
        }
    ]
    status = {
        "message": "The next run is at 02:00.",
        "lastScheduleTime": "2026-01-01T01:00:00Z",
        "nextScheduleTime": "2026-01-02T01:00:00Z",
        "missed": 2,
        "lastOutcome": {"run": "etl-1", "outcome": "Failed", "reason": "FlowFailed"},
    }
    refused = {"phase": "Degraded", "reason": "QuotaExceeded", "message": "No room."}
    ahead = [{"metadata": {**META, "name": "etl-2"}, "status": refused}]
    assert said(status, runs=runs, clusters=ahead) == [
        "The FlowSchedule etl (0 2 * * *, Europe/Berlin) is on.",
        "The next run is at 02:00.",
        "",
        "  last run: of 2026-01-01T01:00:00Z, 11h ago",
        "  next tick: 2026-01-02T01:00:00Z, in 13h",
        "  passed over: 2 ticks; spec.catchUp and spec.startingDeadline say what may start late",
        "  last outcome: etl-1 failed (FlowFailed)",
        "  made ahead: etl-2, Degraded (QuotaExceeded: No room.)",
        "",
        "Its newest runs:",
        "  etl-1: Failed (FlowFailed), 5m old",
        "    why: daskflow explain etl-1 --namespace flows",
    ]


@pytest.mark.parametrize(
    ("reason", "suspend", "todo"),
    [
        ("Suspended", True, "Let it go on: daskflow schedule resume etl --namespace flows"),
        ("WaitingForRun", False, "Wait, cancel that run, or set spec.concurrencyPolicy"),
        ("NeverFires", False, "Correct spec.cron."),
    ],
)
def test_what_keeps_it_from_making_runs_has_a_remedy(reason: str, suspend: bool, todo: str) -> None:
    lines = said({"reason": reason, "message": "Why."}, suspend=suspend)
    assert lines[1] == "Why."
    assert lines[2].startswith(f"What to do: {todo}")
    assert "  last run: none yet" in lines


def test_a_tick_that_is_late_is_called_so() -> None:
    lines = said({"nextScheduleTime": "2026-01-01T11:58:00Z"})
    assert "  next tick: 2026-01-01T11:58:00Z, 2m ago: it is late" in lines


def test_one_that_nobody_has_looked_at_points_at_the_operator() -> None:
    lines = schedule_explained(Found({"metadata": META, "spec": {}}, operators=[]), NOW)
    assert "nothing has happened since" in lines[0]
    assert "No operator is at work: no operator is installed." in lines


def test_warnings_about_it_are_told() -> None:
    events = [
        warning("etl", "TickMissed", "Late.", kind="FlowSchedule"),
        warning("etl", "Failed", "Not this.", kind="FlowRun"),
    ]
    text = "\n".join(said({}, events=events))
    assert "FlowSchedule etl: TickMissed: Late." in text
    assert "Not this" not in text
