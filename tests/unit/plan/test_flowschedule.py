"""The life of a schedule, policy by policy."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.flowrun import spec_of
from daskflow.manifests.naming import scheduled_run_name
from daskflow.plan.model import Occupied, Refusal

from tests.unit.plan.schedule_stage import MIDNIGHT, UID, ScheduleStage, run_key, schedule

ALL = {"catchUp": "All", "concurrencyPolicy": "Allow"}
RUN = {"image": "flows:1", "flow": {"script": "result = 1"}}
NIGHT = {"start": "22:00", "end": "06:00"}


def stage(**spec: Any) -> ScheduleStage:
    """Seen at midnight, when it was made."""
    return ScheduleStage(schedule(spec)).settled()


def reasons(plan: Any) -> list[str]:
    return [event.reason for event in plan.events]


# --- ticks


def test_a_new_schedule_waits_for_its_first_tick() -> None:
    new = stage()
    assert new.runs == ()
    assert new.status["nextScheduleTime"] == "2026-03-01T01:00:00Z"
    assert new.plan().requeue_at == MIDNIGHT + timedelta(hours=1)
    assert new.condition("Ready")["status"] == "True"  # type: ignore[index]
    assert (new.status["schedule"], new.status["timeZone"]) == ("0 * * * *", "UTC")


def test_a_tick_makes_one_run_and_is_then_written_down() -> None:
    due = stage().at(1)
    first = due.plan()
    assert first.status is None
    assert [body["kind"] for body in first.creates] == ["FlowRun"]
    second = due.applied(first).plan()
    assert second.creates == ()
    assert second.status is not None
    assert second.status["lastScheduleTime"] == "2026-03-01T01:00:00Z"
    assert second.status["active"] == [first.creates[0]["metadata"]["name"]]
    assert reasons(second) == ["RunStarted"]
    assert due.settled().plan().requeue_at == MIDNIGHT + timedelta(hours=2)


def test_the_same_tick_has_the_same_name_whoever_plans_it() -> None:
    due = stage().at(1)
    later = due.at(1, minutes=3)
    assert due.plan().creates == later.plan().creates
    assert due.plan().creates[0]["metadata"]["name"] == scheduled_run_name(
        "hourly", UID, MIDNIGHT + timedelta(hours=1)
    )


def test_a_run_that_was_made_but_not_written_down_is_not_made_again() -> None:
    due = stage().at(1)
    made = replace(due.applied(due.plan()), resource=due.resource)
    assert made.plan().creates == ()
    assert made.settled().status["lastScheduleTime"] == "2026-03-01T01:00:00Z"


def test_a_run_deleted_after_its_tick_was_written_down_is_not_made_again() -> None:
    done = stage().at(1).settled().ended().without(0)
    assert done.settled().runs == ()
    assert done.at(1, minutes=59).settled().runs == ()


def test_a_clock_that_jumps_back_makes_no_run_again() -> None:
    done = stage().at(3).settled().ended().settled()
    back = replace(done, runs=()).at(1)
    assert back.settled().runs == ()
    again = back.settled()
    assert again.status["nextScheduleTime"] == "2026-03-01T04:00:00Z"
    assert again.status["reason"] == "ClockSetBack"
    assert again.at(3, minutes=30).settled().status["reason"] == ""
    assert again.at(4).settled().ticks == ["04:00"]


def test_nothing_is_written_at_rest() -> None:
    for each in (stage(), stage().at(1).settled(), stage().at(1).settled().ended().settled()):
        for minutes in (1, 30, 59):
            assert not replace(each, now=each.now + timedelta(minutes=minutes)).plan().acts


def test_a_tick_costs_one_status_write_and_the_end_of_its_run_another() -> None:
    due = stage().at(1)
    writes, here = 0, due
    while (plan := here.plan()).acts:
        writes += plan.status is not None
        here = here.applied(plan)
    assert writes == 1
    ended = here.ended()
    assert ended.plan().status is not None
    assert not ended.applied(ended.plan()).plan().acts


# --- catching up


@pytest.mark.parametrize(
    ("spec", "at", "expected", "missed"),
    [
        ({"catchUp": "None"}, 1.0, ["01:00"], 0),
        ({"catchUp": "None"}, 1.01, ["01:00"], 0),
        ({"catchUp": "None"}, 1.5, [], 1),
        ({"catchUp": "None"}, 5.0, ["05:00"], 4),
        ({"catchUp": "None"}, 5.5, [], 5),
        ({"catchUp": "Last"}, 5.5, ["05:00"], 4),
        ({}, 5.5, ["05:00"], 4),
        ({"catchUp": "Last", "startingDeadline": "20m"}, 5.5, [], 5),
        ({"catchUp": "Last", "startingDeadline": "40m"}, 5.5, ["05:00"], 4),
        (ALL, 5.5, ["01:00", "02:00", "03:00", "04:00", "05:00"], 0),
        ({**ALL, "startingDeadline": "2h"}, 5.5, ["04:00", "05:00"], 3),
    ],
)
def test_ticks_that_nobody_was_there_for(
    spec: dict[str, Any], at: float, expected: list[str], missed: int
) -> None:
    back = stage(**spec).at(at).settled()
    assert back.ticks == expected
    assert back.status["missed"] == missed
    assert back.status["settledTime"] == f"2026-03-01T0{int(at)}:00:00Z"


def test_ticks_before_the_schedule_was_made_are_none_of_its() -> None:
    assert ScheduleStage(schedule(ALL)).at(3).settled().ticks == ["01:00", "02:00", "03:00"]
    made_later = schedule(ALL, creationTimestamp="2026-03-01T02:00:00Z")
    assert ScheduleStage(made_later).at(3).settled().ticks == ["03:00"]


def test_more_than_a_hundred_ticks_are_cut_and_a_condition_says_so() -> None:
    back = stage(**ALL).at(130.5)
    first = back.plan()
    assert len(first.creates) == 100
    second = back.applied(first).plan()
    assert sorted(reasons(second)) == ["CatchUpCut", "RunStarted", "TickMissed"]
    done = back.settled()
    assert done.status["missed"] == 30
    cut = done.condition("CatchUpCut")
    assert cut is not None
    assert "30 oldest" in cut["message"]
    assert len(done.status["active"]) == 20
    assert done.status["activeCount"] == 100
    assert len(json.dumps(done.status)) < 4000
    later = done.at(131).settled()
    assert later.condition("CatchUpCut") == cut
    assert later.spec(history={"failed": 1}).settled().condition("CatchUpCut") is None


def test_years_of_ticks_cost_no_more_than_the_last_ones() -> None:
    old = stage(cron="* * * * *").at(24 * 365 * 5)
    assert len(old.settled().runs) == 1
    assert old.settled().status["missed"] == 999


def test_a_tick_that_is_refused_holds_back_the_journal_but_no_other_run() -> None:
    back = stage(**ALL).at(3)
    names = [body["metadata"]["name"] for body in back.plan().creates]
    made = back.applied(back.plan()).without(1)
    refusal = Refusal(run_key(back.applied(back.plan()), 1), 403, "exceeded quota: small")
    refused = replace(made, more={"refusals": (refusal,)}).settled()
    assert refused.status["settledTime"] == "2026-03-01T01:00:00Z"
    assert refused.status["reason"] == "QuotaExceeded"
    assert refused.condition("Reconciling")["status"] == "True"  # type: ignore[index]
    retried = replace(refused, more={"refusals": (replace(refusal, retry=True),)})
    assert [body["metadata"]["name"] for body in retried.plan().creates] == [names[1]]
    healed = replace(refused, more={}).settled()
    assert healed.ticks == ["01:00", "02:00", "03:00"]
    assert healed.status["settledTime"] == "2026-03-01T03:00:00Z"


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


# --- concurrency


def test_forbid_waits_and_starts_the_last_tick_when_the_run_has_ended() -> None:
    busy = stage().at(1).settled().at(2).settled()
    assert busy.ticks == ["01:00"]
    assert busy.status["reason"] == "WaitingForRun"
    busy = busy.at(3).settled()
    assert (busy.ticks, busy.status["missed"]) == (["01:00"], 1)
    free = busy.ended().at(3, minutes=10).settled()
    assert free.ticks == ["01:00", "03:00"]
    assert free.status["activeCount"] == 1


def test_forbid_tells_that_a_tick_was_skipped() -> None:
    busy = stage().at(1).settled().at(2).settled().at(3)
    assert reasons(busy.plan()) == ["TickSkipped"]


def test_forbid_without_catching_up_skips_ticks_while_a_run_is_active() -> None:
    busy = stage(catchUp="None").at(1).settled().at(2).settled()
    assert busy.plan().requeue_at == MIDNIGHT + timedelta(hours=2, minutes=1)
    passed = busy.at(2, minutes=1).settled()
    assert (passed.status["missed"], passed.status["reason"]) == (1, "")
    assert passed.ended().at(2, minutes=5).settled().ticks == ["01:00"]


def test_forbid_and_all_makes_one_run_after_the_other() -> None:
    back = stage(catchUp="All").at(3).settled()
    assert back.ticks == ["01:00"]
    back = back.ended().settled()
    assert back.ticks == ["01:00", "02:00"]
    assert back.ended().settled().ticks == ["01:00", "02:00", "03:00"]


def test_allow_starts_beside_what_runs() -> None:
    busy = stage(concurrencyPolicy="Allow").at(1).settled().at(2).settled()
    assert busy.ticks == ["01:00", "02:00"]
    assert busy.status["activeCount"] == 2


def test_replace_cancels_and_starts_when_the_old_run_has_ended() -> None:
    busy = stage(concurrencyPolicy="Replace").at(1).settled().at(2)
    plan = busy.plan()
    assert plan.creates == ()
    (patch,) = plan.patches
    assert patch.body["spec"] == {"cancel": True}
    waiting = busy.settled()
    assert waiting.ticks == ["01:00"]
    assert waiting.status["reason"] == "WaitingForRun"
    assert waiting.ended("Cancelled").at(2, seconds=40).settled().ticks == ["01:00", "02:00"]


@pytest.mark.parametrize("spec", [{"startingDeadline": "10s"}, {"catchUp": "None"}])
def test_the_end_of_the_replaced_run_may_take_longer_than_the_deadline(spec: dict[str, Any]) -> None:
    waiting = stage(concurrencyPolicy="Replace", **spec).at(1).settled().at(2).settled()
    ended = waiting.at(2, minutes=5).settled().ended("Cancelled")
    assert ended.settled().ticks == ["01:00", "02:00"]


def test_a_run_that_is_being_deleted_is_still_in_the_way() -> None:
    busy = stage(concurrencyPolicy="Replace").at(1).settled().at(2)
    (run,) = busy.runs
    going = {**run, "metadata": {**run["metadata"], "deletionTimestamp": "2026-03-01T02:00:00Z"}}
    there = replace(busy, runs=(going,))
    assert there.plan().patches == ()
    assert there.settled().ticks == ["01:00"]


# --- suspend, changes, history


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


def test_a_changed_cron_counts_from_when_it_is_seen() -> None:
    done = stage().at(3).settled().ended().settled()
    changed = done.at(3.5).spec(cron="15 * * * *").settled()
    assert changed.ticks == ["03:00"]
    assert changed.status["nextScheduleTime"] == "2026-03-01T04:15:00Z"
    assert changed.at(4.25).settled().ticks == ["03:00", "04:15"]


def test_a_changed_zone_counts_from_when_it_is_seen() -> None:
    daily = ScheduleStage(schedule({"cron": "0 6 * * *"})).settled()
    moved = daily.at(5.5).spec(timeZone="Europe/Berlin").settled()
    assert moved.runs == ()
    assert moved.status["nextScheduleTime"] == "2026-03-02T05:00:00Z"


def test_a_changed_template_holds_from_the_next_run_on() -> None:
    first = stage(concurrencyPolicy="Allow").at(1).settled()
    template = {"spec": {"image": "flows:2", "flow": {"script": "x"}}}
    both = first.spec(template=template).settled().at(2).settled()
    assert [run["spec"]["image"] for run in both.runs] == ["flows:1", "flows:2"]


def test_the_newest_of_each_outcome_stay() -> None:
    here = stage(history={"succeeded": 2, "failed": 1})
    for hour, phase in enumerate(["Failed", "Succeeded", "Succeeded", "Cancelled", "Succeeded", "Failed"], 1):
        here = here.at(hour).settled().ended(phase).settled()
    assert here.ticks == ["03:00", "05:00", "06:00"]
    assert here.status["lastOutcome"]["outcome"] == "Failed"


def test_live_runs_are_never_deleted() -> None:
    here = stage(history={"succeeded": 0, "failed": 0}, concurrencyPolicy="Allow")
    for hour in range(1, 6):
        here = here.at(hour).settled()
    assert len(here.runs) == 5
    assert here.ended(which=2).settled().ticks == ["01:00", "02:00", "04:00", "05:00"]


def test_the_last_outcome_outlives_its_run() -> None:
    here = stage(history={"succeeded": 0}).at(1).settled().ended("Failed").settled()
    here = here.at(2).settled().ended("Succeeded").settled()
    assert here.ticks == ["01:00"]
    assert here.status["lastOutcome"]["outcome"] == "Succeeded"
    assert not here.at(2.5).plan().acts


def test_history_keeps_the_proof_of_a_tick_that_is_not_written_down() -> None:
    back = stage(history={"succeeded": 0}, **ALL).at(3)
    made = back.applied(back.plan()).without(0)
    refused = {"refusals": (Refusal(run_key(back.applied(back.plan()), 0), 403, "exceeded quota"),)}
    kept = replace(made, more=refused).ended().settled()
    assert kept.ticks == ["02:00", "03:00"]
    assert replace(kept, more={}).settled().ticks == ["01:00"]


# --- what cannot be understood


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


def test_a_corrected_clock_counts_from_when_it_is_seen() -> None:
    wrong = ScheduleStage(schedule({"timeZone": "Europe/Brelin", **ALL})).settled()
    right = wrong.at(5.5).spec(timeZone="Europe/Berlin").settled()
    assert right.runs == ()
    assert right.condition("Stalled")["status"] == "False"  # type: ignore[index]
    assert right.at(6).settled().ticks == ["06:00"]


# --- the run


def test_the_run_is_the_template_with_the_tick_in_it() -> None:
    template = {
        "metadata": {
            "labels": {"team": "data", "daskflow.dev/schedule": "forged"},
            "annotations": {"note": "x"},
        },
        "spec": {
            "image": "flows:1",
            "flow": {
                "entrypoint": "flows:etl",
                "parameters": {
                    "at": "$(scheduledTime)",
                    "day": "$(scheduledTime:%Y-%m-%d)",
                    "deep": [{"from": "s3://x/$(previousScheduledTime:%Y%m%dT%H)/", "n": 3}],
                    "kept": "$$(scheduledTime) $(other) $HOME",
                    "epoch": "$(scheduledTime:%s)",
                },
            },
            "retries": {"limit": 1},
        },
    }
    spec = {"cron": "30 1 * * *", "timeZone": "Europe/Berlin", "template": template}
    (body,) = ScheduleStage(schedule(spec)).settled().at(1).plan().creates
    assert body["spec"]["flow"]["parameters"] == {
        "at": "2026-03-01T01:30:00+01:00",
        "day": "2026-03-01",
        "deep": [{"from": "s3://x/20260228T01/", "n": 3}],
        "kept": "$(scheduledTime) $(other) $HOME",
        "epoch": str(int(MIDNIGHT.timestamp() + 1800)),
    }
    assert {**body["spec"], "flow": None} == {**template["spec"], "flow": None}
    metadata = body["metadata"]
    assert metadata["name"].startswith("hourly-")
    assert metadata["name"].endswith("-20260301-003000")
    assert metadata["labels"] == {
        "app.kubernetes.io/managed-by": "daskflow",
        "team": "data",
        "daskflow.dev/schedule": "hourly",
        "daskflow.dev/scheduled-time": "20260301T003000Z",
    }
    assert metadata["annotations"] == {"note": "x", "daskflow.dev/scheduled-time": "2026-03-01T00:30:00Z"}
    assert metadata["ownerReferences"] == [
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "name": "hourly",
            "uid": UID,
            "controller": True,
        }
    ]
    assert spec_of(body).retries.limit == 1


def _made_from(spec: dict[str, Any]) -> Any:
    template = {"spec": {"image": "flows:1", **spec}}
    stage = ScheduleStage(schedule({"cron": "30 1 * * *", "template": template})).settled()
    return stage.at(2)


@pytest.mark.parametrize(
    ("flow", "made"),
    [
        ({"command": ["etl", "$(scheduledTime:%Y-%m-%d)"]}, {"command": ["etl", "2026-03-01"]}),
        (
            {"script": "day = '$(scheduledTime:%d)' + '$$(scheduledTime)'"},
            {"script": "day = '01' + '$(scheduledTime)'"},
        ),
    ],
)
def test_the_tick_is_put_into_commands_scripts_and_variables(flow: Any, made: Any) -> None:
    env = [{"name": "DAY", "value": "$(scheduledTime:%d)"}, {"name": "HOST", "value": "$(POD)"}]
    (body,) = _made_from({"flow": flow, "env": env}).plan().creates
    assert body["spec"]["flow"] == made
    assert body["spec"]["env"] == [{"name": "DAY", "value": "01"}, {"name": "HOST", "value": "$(POD)"}]


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        (
            {"flow": {"entrypoint": "etl:flow"}, "image": "flows:$(scheduledTime:%Y)"},
            "spec.template.spec.image has",
        ),
        (
            {"flow": {"entrypoint": "etl:flow", "files": {"configMapRef": {"name": "$(scheduledTime)"}}}},
            "spec.template.spec.flow.files.configMapRef.name has",
        ),
        (
            {
                "flow": {"entrypoint": "etl:flow"},
                "template": {"spec": {"volumes": [{"name": "$(scheduledTime)"}]}},
            },
            "spec.template.spec.template.spec.volumes[0].name has",
        ),
    ],
)
def test_a_tick_where_it_would_stay_as_written_is_refused(spec: Any, where: str) -> None:
    stage = _made_from(spec)
    assert not stage.plan().creates
    assert stage.status["reason"] == "SpecInvalid"
    assert where in stage.status["message"]


@pytest.mark.parametrize("name", ["x", "a" * 50, "a" * 27 + "-" * 10 + "b"])
def test_names_of_runs_fit(name: str) -> None:
    made = scheduled_run_name(name, UID, MIDNIGHT)
    assert len(made) <= 50
    assert "." not in made
    assert made.startswith(name[:5])
    assert made != scheduled_run_name(name, "another", MIDNIGHT)
    assert made != scheduled_run_name(name, UID, MIDNIGHT + timedelta(seconds=10))
