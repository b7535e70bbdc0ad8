"""Ticks: which are due, which are caught up with, and what they do while a run has not ended."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.manifests.naming import scheduled_run_name
from daskflow.plan.model import Refusal

from tests.unit.plan.schedule.stage import (
    ALL,
    MIDNIGHT,
    UID,
    ScheduleStage,
    reasons,
    run_key,
    schedule,
    stage,
)


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
