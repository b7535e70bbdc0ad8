"""Which clusters go, and when."""

from dataclasses import replace

from daskflow.api.names import ANNOTATION_POOL_HASH

from tests.unit.plan.pool.stage import PoolStage, claimant, full
from tests.unit.plan.stage import SETTINGS


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
