"""Which clusters go, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from daskflow.api.conditions import timestamp
from daskflow.api.names import ANNOTATION_POOL_HASH
from daskflow.plan.units import LAME, START

from tests.unit.plan.pool.stage import TEMPLATE, PoolStage, claimant, full
from tests.unit.plan.stage import NOW, SETTINGS


def test_of_another_template_one_is_made_first_then_the_others_go() -> None:
    changed = full().spec(template={"spec": {"image": "flows:2"}}).settled()
    assert changed.names == ["1", "2", "3"]
    assert changed.status["ready"] == 0
    arrived = changed.waiting(2).settled()
    assert arrived.names == ["3", "4"]
    hashes = {unit["metadata"]["annotations"][ANNOTATION_POOL_HASH] for unit in arrived.units}
    assert hashes == {arrived.status["hash"]}


def test_the_age_alone_replaces_nothing_at_once() -> None:
    changed = full().spec(maxAge="24h").settled()
    assert changed.names == ["1", "2"]
    assert changed.status["ready"] == 2


def test_what_is_too_old_goes_when_its_successor_waits() -> None:
    old = full().later(hours=12).settled()
    assert old.names == ["1", "2", "3"]
    assert old.status["ready"] == 2
    one = old.waiting().settled()
    assert one.names == ["2", "3", "4"]
    assert one.waiting().settled().names == ["3", "4"]


def test_another_runtime_replaces_one_by_one() -> None:
    upgraded = replace(full(), settings=replace(SETTINGS, runtime=b"newer")).settled()
    assert upgraded.names == ["1", "2", "3"]
    assert upgraded.status["ready"] == 2
    assert upgraded.waiting().settled().names == ["2", "3", "4"]


def test_fewer_are_wanted() -> None:
    assert full().spec(ready=1).settled().names == ["2"]
    assert full().spec(ready=0).settled().names == []
    begun = PoolStage().settled().waiting(0).settled()
    assert begun.spec(ready=1).settled().names == ["1"]


def test_a_run_without_room_gets_that_of_a_cluster() -> None:
    run = claimant(full().units[0])
    stage = replace(full(), more={"roomless": (run,)})
    assert stage.settled().names == ["1", "2"]
    yielded = stage.later(seconds=10).settled()
    assert yielded.names == ["2"]
    assert yielded.status["reason"] == "Yielding"
    assert yielded.later(seconds=9).settled().names == ["2"]
    assert yielded.later(seconds=10).settled().names == []
    room = replace(yielded, more={}).later(seconds=30).settled()
    assert room.names == ["2"]
    assert room.later(seconds=30).settled().names == ["2", "3"]


def test_a_clock_that_was_ahead_holds_nothing_up() -> None:
    ahead = {"yieldTime": "2099-01-01T00:00:00Z", "failureTime": "2099-01-01T00:00:00Z", "failures": 9}
    there = PoolStage()
    stage = replace(there, resource={**there.resource, "status": ahead})
    assert stage.settled().names == ["1", "2"]


def test_it_says_until_when_room_that_was_given_is_left() -> None:
    stage = replace(full(ready=1), more={"roomless": (claimant(full().units[0]),)})
    given = replace(stage.later(seconds=10).settled(), more={}).later(seconds=1).settled()
    assert given.status["reason"] == "Yielding"
    assert given.status["message"].endswith(
        "room was given to a run, and the next is made at 2026-03-01T12:01:10Z."
    )


def test_one_that_had_waited_is_no_sign_that_others_would_not() -> None:
    lost = {"parked": False, "waited": True}
    over = {"phase": "Failed", "reason": "RunnerNotParked", "message": "Deleted.", "standby": lost}
    stage = full(ready=1).later(minutes=2).with_status(over).settled()
    assert not stage.status["failures"]
    assert stage.names == ["2"]


def test_a_name_that_is_taken_keeps_no_other_from_being_made() -> None:
    taken = {"phase": "Degraded", "reason": "NameConflict", "message": "Service small-1 is somebody else's."}
    stage = full(ready=1).with_status(taken).settled()
    assert stage.names == []
    assert "somebody else's" in stage.status["message"]
    assert stage.later(seconds=3).settled().names == ["2"]


def test_deletions_hold_only_for_what_was_seen() -> None:
    for delete in full().spec(ready=0).plan().deletes:
        assert delete.uid
        assert delete.revision == "5"


STARTS = {"phase": "Starting", "scheduler": {"pod": "s", "uid": "s"}}
LAMED = {
    **STARTS,
    "phase": "Degraded",
    "standby": {"waited": True},
    "conditions": [
        {"type": "Ready", "status": "False", "reason": "x", "lastTransitionTime": timestamp(NOW)},
    ],
}


@pytest.mark.parametrize("reason", ["NodeUnreachable", "RunnerNotParked", "WaitingForWorkers", "OutOfMemory"])
def test_one_that_had_waited_and_does_not_heal_is_replaced(reason: str) -> None:
    there = full().with_status({**LAMED, "reason": reason, "message": "So."}, 0).settled()
    assert there.names == ["1", "2"]
    assert there.status["message"].endswith("-1: So."), "meanwhile it is said"
    assert there.plan().requeue_at == NOW + LAME
    replaced = there.later(seconds=LAME.total_seconds()).settled()
    assert replaced.names == ["2", "3"]
    assert replaced.status["failures"] == 0, "one of another template would have done the same"


def test_many_that_do_not_heal_keep_no_others_from_being_made() -> None:
    large = full(ready=12)
    large = large.waiting().settled().waiting().settled()
    assert len(large.units) == 12
    lamed = large.with_status({**LAMED, "reason": "WaitingForWorkers"}, *range(10)).settled()
    assert len(lamed.later(seconds=LAME.total_seconds()).settled().waiting().settled().units) == 12


def test_one_that_never_comes_to_wait_goes_when_others_would_have_come_and_is_a_failure() -> None:
    said = {**STARTS, "reason": "RunnerNotParked", "message": "Imports."}
    hung = full(ready=1).with_status(said).settled().later(seconds=START.total_seconds() - 1).settled()
    assert hung.names == ["1"]
    gone = hung.later(seconds=1).settled()
    assert gone.names == []
    assert gone.status["failures"] == 1
    assert "Imports." in gone.status["message"]


def test_one_that_waits_for_a_node_goes_on_waiting() -> None:
    said = {**STARTS, "reason": "Unschedulable", "message": "No node."}
    assert full(ready=1).with_status(said).settled().later(hours=3).settled().names == ["1"]


def test_an_invalid_template_keeps_what_waits_but_not_from_going() -> None:
    never = {"spec": {**TEMPLATE["spec"], "template": {"spec": {"restartPolicy": "Always"}}}}
    broken = full().spec(template=never).settled()
    assert (broken.status["reason"], broken.names) == ("SpecInvalid", ["1", "2"])
    assert broken.spec(ready=0).settled().names == []
    run = claimant(full().units[0])
    assert replace(broken, more={"roomless": (run,)}).later(seconds=10).settled().names == ["2"]
    assert broken.with_status({"phase": "Failed"}, 0).settled().names == ["2"]
    assert broken.spec(template=TEMPLATE).settled().status["ready"] == 2


def test_it_looks_again_when_the_first_will_be_too_old() -> None:
    at = full().plan().requeue_at
    assert at is not None
    before = replace(full(), now=at - timedelta(seconds=1))
    assert before.settled().names == ["1", "2"]
    assert replace(full(), now=at).settled().names == ["1", "2", "3"]
