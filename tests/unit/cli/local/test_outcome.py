"""What a runner's record means for a local run: what the flow said wins over why it was stopped."""

from typing import Any

import pytest
from daskflow.api.reasons import Reason
from daskflow.cli.local.outcome import Stopped, printed, reported, status

CANCELLED: Stopped = ("Cancelled", Reason.CANCELLED, "Cancelled by SIGINT.")
LATE: Stopped = ("Failed", Reason.DEADLINE_EXCEEDED, "spec.deadlines.active of 2s passed.")


def failed(reason: str, **more: Any) -> dict[str, Any]:
    return {"outcome": "Failed", "reason": reason, "message": f"{reason} it is.", **more}


@pytest.mark.parametrize(
    ("record", "stopped", "phase", "reason"),
    [
        ({"outcome": "Succeeded", "result": 3}, None, "Succeeded", ""),
        ({"outcome": "Succeeded", "result": 3}, CANCELLED, "Succeeded", ""),
        (failed("FlowFailed"), None, "Failed", "FlowFailed"),
        (failed("FlowFailed"), CANCELLED, "Failed", "FlowFailed"),
        (failed("Terminated"), CANCELLED, "Cancelled", "Cancelled"),
        (failed("FlowKilled"), CANCELLED, "Cancelled", "Cancelled"),
        (failed("SchedulerLost"), CANCELLED, "Cancelled", "Cancelled"),
        (failed("Terminated"), LATE, "Failed", "DeadlineExceeded"),
        (failed("Terminated"), None, "Failed", "Terminated"),
        (failed("Cancelled"), None, "Cancelled", "Cancelled"),
        (failed("NewerThanUs"), None, "Failed", "FlowFailed"),
        ({}, CANCELLED, "Cancelled", "Cancelled"),
        ({}, None, "Failed", "RunnerLost"),
    ],
)
def test_phase_and_reason(record: dict[str, Any], stopped: Stopped | None, phase: str, reason: str) -> None:
    found = printed(
        status(record, started="s", ended="e", stopped=stopped, cluster=None, progress=(2, 3)),
    )
    assert (found["phase"], found["reason"]) == (phase, reason)
    assert found["message"] or phase == "Succeeded"
    assert ("failure" in found) == (phase == "Failed")
    assert found["progress"]["summary"] == "2/3"
    assert not {"conditions", "observedGeneration"} & set(found)


REPORT = {
    "seconds": 100.0,
    "tasks": 4,
    "threadSeconds": {"paid": 400.0, "busy": 40.0, "idle": 360.0},
    "workers": {"count": 4, "threads": 4},
}


def test_the_report_is_the_runners_and_the_schedulers_where_that_one_was_killed() -> None:
    late = {"report": {**REPORT, "tasks": 5}}
    first = reported({"report": REPORT}, late, timeline=True)
    assert first is not None
    assert (first.tasks, first.efficiency, len(first.hints)) == (4, 0.1, 1)
    killed = reported({}, late, timeline=True)
    assert killed is not None
    assert killed.tasks == 5
    assert reported({"report": "odd"}, {}, timeline=True) is None
