"""How a FlowSchedule is: suspended, deleted, or not to be understood, and what it says then."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.plan.model import Occupied, Refusal

from tests.unit.plan.schedule.stage import ALL, MIDNIGHT, ScheduleStage, reasons, run_key, schedule, stage
from tests.unit.plan.stage import DELETED

RUN = {"image": "flows:1", "flow": {"script": "result = 1"}}
NIGHT = {"start": "22:00", "end": "06:00"}


def test_a_suspended_schedule_starts_nothing_and_writes_nothing() -> None:
    suspended = stage(suspend=True)
    assert suspended.status["reason"] == "Suspended"
    assert "nextScheduleTime" not in suspended.status
    assert suspended.condition("Ready")["status"] == "True"  # type: ignore[index]
    later = suspended.at(50)
    assert not later.plan().acts
    assert later.plan().requeue_at is None


@pytest.mark.parametrize(("catch_up", "expected"), [("None", []), ("Last", ["05:00"]), ("All", ["01:00"])])
def test_resuming_counts_the_ticks_since_as_late(catch_up: str, expected: list[str]) -> None:
    resumed = stage(suspend=True, catchUp=catch_up).at(5.5).settled().spec(suspend=False).settled()
    assert resumed.ticks == expected


def test_a_run_made_just_before_suspension_is_written_down() -> None:
    due = stage(**ALL).at(1)
    made = replace(due.applied(due.plan()), resource=due.resource).spec(suspend=True).settled()
    assert made.status["settledTime"] == "2026-03-01T01:00:00Z"


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"cron": "0 25 * * *"}, "CronInvalid"),
        ({"cron": "0 0 30 2 *"}, "NeverFires"),
        ({"timeZone": "Europe/Brelin"}, "TimeZoneUnknown"),
        ({"cron": None, "interval": "1h", "timeZone": "Mars"}, "TimeZoneUnknown"),
        ({"template": {"spec": {"flow": {}, "image": 7}}}, "SpecInvalid"),
        ({"template": {"spec": {**RUN, "quietHours": {**NIGHT, "timeZone": "Mars"}}}}, "TimeZoneUnknown"),
    ],
)
def test_what_is_wrong_stalls_the_schedule_and_is_said_once(spec: dict[str, Any], reason: str) -> None:
    wrong = ScheduleStage(schedule(spec))
    plan = wrong.plan()
    assert reasons(plan) == [reason]
    assert plan.events[0].type == "Warning"
    told = wrong.settled()
    assert told.condition("Stalled")["status"] == "True"  # type: ignore[index]
    assert told.status["observedGeneration"] == 1
    assert not told.at(30).plan().acts


def test_a_scheduled_time_as_a_zone_is_said_as_in_any_other_field() -> None:
    hours = {**NIGHT, "timeZone": "$(scheduledTime:%Z)"}
    wrong = ScheduleStage(schedule({"template": {"spec": {**RUN, "quietHours": hours}}})).settled()
    assert wrong.status["reason"] == "SpecInvalid"
    assert wrong.status["message"].startswith(
        "spec.template.spec.quietHours.timeZone has a scheduled time in it, which is put into flow.parameters"
    )


def test_a_template_that_the_api_server_refuses_stalls_the_schedule() -> None:
    due = stage().at(1)
    made = due.applied(due.plan())
    refusal = Refusal(run_key(made, 0), 422, "FlowRun is invalid: spec.image")
    refused = replace(due, more={"refusals": (refusal,)}).settled()
    assert refused.condition("Stalled")["status"] == "True"  # type: ignore[index]
    assert "spec.image" in refused.status["message"]


def test_a_name_that_is_taken_is_said() -> None:
    due = stage().at(1)
    taken = Occupied(run_key(due.applied(due.plan()), 0))
    told = replace(due, more={"occupied": (taken,)})
    assert told.settled().status["reason"] == "NameConflict"
    assert told.settled().runs == ()
    assert told.plan().requeue_at or told.settled().plan().requeue_at


def test_a_deleted_schedule_cancels_its_runs_and_makes_no_more() -> None:
    live: dict[str, Any] = {
        "kind": "FlowRun",
        "metadata": {"name": "a", "namespace": "data", "uid": "u", "creationTimestamp": timestamp(MIDNIGHT)},
        "spec": {},
        "status": {"phase": "Running"},
    }
    over = {**live, "status": {"phase": "Succeeded"}}
    stage = ScheduleStage(schedule(**DELETED), (live, over), MIDNIGHT + timedelta(hours=5))
    plan = stage.plan()
    assert [patch.body for patch in plan.patches] == [{"spec": {"cancel": True}}]
    assert plan.status is not None
    assert (plan.status["reason"], plan.status["activeCount"], plan.creates) == ("Deleted", 1, ())
