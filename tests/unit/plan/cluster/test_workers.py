"""As many workers as wanted: new ones by new names, dead ones made again, those that are too many gone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.plan.model import GroupOrder

from tests.unit.plan.cluster.stage import BASE, BASED, MADE, Stage, running, scaled, scheduler, worker
from tests.unit.plan.stage import NOW


def test_more_workers_are_made_at_once() -> None:
    assert scaled(running(2), 5).made == ["worker-2", "worker-3", "worker-4"]


def test_workers_that_never_registered_go_first_and_at_once() -> None:
    stage = scaled(running(2), 4).worker(2, started=False).worker(3, started=False, phase="Pending")
    assert scaled(stage.applied(), 3).applied().deleted == ["worker-3"]
    fewer = scaled(stage.applied(), 1)
    assert fewer.applied().deleted == ["worker-3", "worker-2"]
    assert fewer.ordered == {"default": GroupOrder(1, 60)}


def test_retired_workers_are_removed_and_their_names_never_used_again() -> None:
    fewer = scaled(running(3), 1)
    assert fewer.plan().status is not None
    assert fewer.applied().group()["ordinal"] == 2
    done = fewer.applied().retired(1).retired(2)
    assert done.applied().deleted == ["worker-1", "worker-2"]
    gone = done.applied().without(f"{BASE}-worker-1", f"{BASE}-worker-2")
    assert scaled(gone, 2).made == ["worker-3"]


def test_a_retired_worker_is_no_death() -> None:
    fewer = scaled(running(2), 1).applied().retired(1, "default").applied()
    assert scaled(fewer, 2).made == ["worker-2"]
    assert fewer.group()["reason"] == ""


class TestNobodyAnswers:
    """The listener cannot be reached: only then do we end workers, long after they should have retired."""

    fewer = scaled(running(3), 1).applied()

    def test_it_waits_for_word_first(self) -> None:
        assert self.fewer.later(hours=1).deleted == []

    def test_drain_timeout_and_margin_are_waited_for(self) -> None:
        lost = self.fewer.hears(lost=True)
        assert lost.plan().requeue_at == NOW + timedelta(seconds=90)
        assert lost.later(seconds=89).deleted == []
        assert lost.later(seconds=90).deleted == ["worker-2", "worker-1"]

    def test_as_long_as_it_answers_nothing_is_deleted(self) -> None:
        assert self.fewer.hears().later(hours=1).deleted == []

    def test_another_wish_gets_its_own_time(self) -> None:
        again = scaled(self.fewer.later(seconds=80), 2).applied().hears(lost=True)
        assert again.later(seconds=20).deleted == []
        assert again.later(seconds=90).deleted == ["worker-2"]


def test_a_dead_worker_is_made_again_under_a_new_name_after_a_moment() -> None:
    dead = MADE.with_pods(scheduler(started=True), worker(0, started=True), worker(1, exit_code=1))
    assert not dead.plan().creates
    assert dead.plan().requeue_at == NOW + timedelta(seconds=2)
    later = replace(dead, now=NOW + timedelta(seconds=2)).plan()
    made = [(item["kind"], item["metadata"]["name"]) for item in later.creates]
    # The Secret cannot be looked at; it is made in vain, unless somebody has deleted it.
    assert made == [("Pod", f"{BASE}-worker-2"), ("Secret", BASE)]


def test_workers_that_keep_dying_are_made_later_and_later() -> None:
    dead = [worker(ordinal, exit_code=1, message="No module named 'numpy'") for ordinal in range(8)]
    stage = MADE.with_pods(scheduler(started=True), *dead)
    assert stage.plan().requeue_at == NOW + timedelta(seconds=16)
    assert stage.plan().status is not None
    assert "numpy" in stage.plan().status["message"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("death", "reason", "says"),
    [
        ({"exit_code": 137, "why": "OOMKilled"}, "OutOfMemory", "spec.workers.resources.limits.memory"),
        ({"exit_code": 1, "message": "No module named 'numpy'"}, "WorkerLost", "numpy"),
        ({"exit_code": 0, "message": {"reason": "Removed"}}, "WorkerLost", "spec.workers.nanny: true"),
        (
            {"exit_code": 137, "status": {"reason": "Evicted", "phase": "Failed", "message": "low"}},
            "Evicted",
            "low",
        ),
    ],
)
def test_why_a_worker_died_is_said_until_another_has_lived(
    death: dict[str, Any], reason: str, says: str
) -> None:
    dead = running(2).worker(1, started=False, **{"at": NOW, **death})
    made_again = dead.worker(2, at=NOW).later(seconds=3)
    said = made_again.applied().group()
    assert said["reason"] == reason
    assert says in said["message"]
    proven = made_again.applied().later(seconds=58)
    assert proven.applied().group() == {}


@pytest.mark.parametrize(("word", "wait"), [("Removed", 2), ("SchedulerGone", 10)])
def test_one_that_was_closed_is_made_again_sooner_than_one_that_left_by_itself(word: str, wait: int) -> None:
    left = running(2).worker(1, started=False, exit_code=0, message={"reason": word}, at=NOW)
    assert left.later(seconds=wait - 1).made == []
    assert len(left.later(seconds=wait).made) == 1


def test_however_often_a_client_restarts_the_workers_they_are_not_failing() -> None:
    stage = running(2)
    for ordinal in range(2, 8):
        stage = stage.worker(ordinal, started=False, exit_code=0, message={"reason": "Removed"}, at=NOW)
    assert replace(stage, pods={**stage.pods}).later(seconds=2).applied().group()["reason"] == "WorkerLost"


def test_a_large_group_that_keeps_dying_is_made_again_later_and_later() -> None:
    stage = running(0, workers={"replicas": 300})
    for generation, wait in ((1, 2), (2, 4), (3, 8), (4, 16), (9, 60)):
        last = 300 * generation - 1
        stage = replace(stage, pods={"scheduler": stage.pods["scheduler"]})
        for ordinal in range(last - 9, last + 1):
            stage = stage.worker(ordinal, started=False, exit_code=1, at=NOW)
        assert stage.later(seconds=wait - 1).made == []
        assert len(stage.later(seconds=wait).made) == 300
    assert stage.applied().status["reason"] == "WorkersFailing"


def _dying(*living: dict[str, Any]) -> Stage:
    """Six workers have died young, and others are there."""
    dead = tuple(worker(number, exit_code=1, at=NOW) for number in range(6))
    status = {"phase": "Degraded", "scheduler": {"pod": "s", "uid": "s"}}
    stage = BASED.with_pods(scheduler(started=True, uid="s"), *dead, *living)
    return replace(stage, status=status, now=NOW + timedelta(seconds=59))


def test_workers_that_live_for_a_minute_end_the_alarm() -> None:
    alarm = _dying(worker(6, started=True), worker(7, started=True))
    assert alarm.plan().requeue_at == NOW + timedelta(minutes=1)
    assert (alarm.applied().status or {})["reason"] == "WorkersFailing"
    assert (replace(alarm, now=NOW + timedelta(minutes=1)).applied().status or {})["phase"] == "Ready"


def test_no_worker_is_made_for_a_scheduler_that_was_told_to_go() -> None:
    told = {**scheduler(uid="s"), "spec": {"activeDeadlineSeconds": 1}}
    status = {"phase": "Ready", "scheduler": {"pod": "s", "uid": "s"}}
    assert replace(BASED.with_pods(told), status=status).plan().creates == ()
