"""Fewer workers: who goes, who is told, what if nobody answers. More workers: at once, by new names."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.plan.model import GroupOrder, Key, Refusal

from tests.unit.plan.cluster_stage import BASE, Stage, running
from tests.unit.plan.stage import NOW


def scaled(stage: Stage, replicas: int, **more: Any) -> Stage:
    """The default group gets another number of workers."""
    return stage.change(workers={**stage.spec["workers"], "replicas": replicas, **more})


def test_a_cluster_that_is_as_it_should_be_needs_nobody_to_be_asked() -> None:
    assert not running().plan().acts
    assert running().plan().scale is None


def test_more_workers_are_made_at_once() -> None:
    assert scaled(running(2), 5).made == ["worker-2", "worker-3", "worker-4"]


def test_workers_that_never_registered_go_first_and_at_once() -> None:
    stage = scaled(running(2), 4).worker(2, started=False).worker(3, started=False, phase="Pending")
    assert scaled(stage.applied(), 3).applied().deleted == ["worker-3"]
    fewer = scaled(stage.applied(), 1)
    assert fewer.applied().deleted == ["worker-3", "worker-2"]
    assert fewer.ordered == {"default": GroupOrder(1, 60)}


def test_of_those_that_registered_the_scheduler_chooses() -> None:
    fewer = scaled(running(3), 1, drainTimeout="90s")
    assert fewer.plan().scale is None
    assert fewer.plan().status is not None
    written = fewer.applied()
    assert written.deleted == []
    assert written.ordered == {"default": GroupOrder(1, 90)}
    scale = written.plan().scale
    assert scale is not None
    assert (scale.revision, scale.watch) == (7, True)
    assert written.group()["surplusSince"] == timestamp(NOW)
    assert written.status["scheduler"]["scaled"] is True


def test_retiring_workers_do_not_count_as_staying() -> None:
    going = scaled(running(3), 1).applied().hears(retiring=frozenset({f"{BASE}-worker-0"}))
    assert scaled(going, 3).made == ["worker-3"]
    assert going.applied().status["workers"]["ready"] == 2


def test_one_that_was_told_once_hears_every_change() -> None:
    fewer = scaled(running(2), 1).applied()
    small = fewer.without(f"{BASE}-worker-1").applied()
    scale = small.plan().scale
    assert scale is not None
    assert not scale.watch
    assert scaled(small, 2).worker(2).ordered == {"default": GroupOrder(2, 60)}


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


def test_a_worker_that_holds_actors_is_named() -> None:
    held = scaled(running(2), 1).applied().hears(held={f"{BASE}-worker-0": "2 actors"}).later(minutes=10)
    status = held.applied().status
    assert (status["phase"], status["reason"]) == ("Ready", "HoldingActors")
    assert "worker-0" in status["message"]
    assert "2 actors" in status["message"]
    assert held.applied().group()["reason"] == "HoldingActors"
    assert held.deleted == []


def test_another_schedulers_word_does_not_count() -> None:
    stage = scaled(running(2), 1).applied().hears(retiring=frozenset({f"{BASE}-worker-0"}))
    assert stage.told is not None
    other = replace(stage, told=replace(stage.told, scheduler="another"))
    assert scaled(other, 2).made == []
    assert scaled(stage, 2).made == ["worker-2"]


def test_what_is_refused_does_not_keep_workers_from_going() -> None:
    refusal = Refusal(Key("Pod", "data", f"{BASE}-worker-3"), 403, "exceeded quota: small")
    short = replace(scaled(running(2), 4).worker(2, started=False), refusals=(refusal,)).applied()
    assert short.status["reason"] == "QuotaExceeded"
    assert scaled(short, 2).applied().deleted == ["worker-2"]


GROUPS = {"workerGroups": [{"name": "gpu", "replicas": 1, "daskResources": {"GPU": 1}}]}


def test_groups_are_made_and_scaled_each_by_itself() -> None:
    stage = running(1, **GROUPS)
    assert stage.made == ["worker-gpu-0"]
    full = stage.worker(0, "gpu").applied()
    assert (full.status["phase"], full.status["workers"]["desired"]) == ("Ready", 2)
    assert full.status["workers"]["replicas"] == 1
    assert [each["name"] for each in full.status["workers"]["groups"]] == ["default", "gpu"]
    more = full.change(workerGroups=[{"name": "gpu", "replicas": 2}])
    assert more.made == ["worker-gpu-1"]
    none = full.change(workerGroups=[{"name": "gpu", "replicas": 0}])
    assert {name: order.replicas for name, order in none.ordered.items()} == {"default": 1, "gpu": 0}


@pytest.mark.parametrize(
    ("workers", "count"),
    [
        ({"total": {"cores": 32}, "threads": 2}, 16),
        ({"total": {"cores": 33}, "threads": 2}, 17),
        ({"total": {"cores": 3}, "resources": {"requests": {"cpu": "1500m"}}}, 2),
        ({"total": {"memory": "128Gi"}, "resources": {"limits": {"memory": "10Gi"}}}, 13),
        ({"total": {"cores": 8, "memory": "8Gi"}, "resources": {"limits": {"memory": "4Gi"}}}, 8),
        ({"total": {"cores": 2, "memory": "32Gi"}, "resources": {"requests": {"memory": "4Gi"}}}, 8),
        ({"total": {"cores": 1}, "replicas": 7}, 1),
    ],
)
def test_a_total_is_as_many_workers_as_it_takes(workers: dict[str, Any], count: int) -> None:
    stage = Stage({"workers": workers})
    assert len(stage.made) == count + 1


@pytest.mark.parametrize(
    ("workers", "says"),
    [
        ({"total": {"memory": "8Gi"}}, "set resources.limits.memory"),
        ({"total": {"cores": 4000}}, "takes 4000 workers, and at most 2000"),
    ],
)
def test_a_total_that_cannot_be_counted_is_refused(workers: dict[str, Any], says: str) -> None:
    status = Stage({"workers": workers}).applied().status
    assert (status["phase"], status["reason"]) == ("Failed", "SpecInvalid")
    assert says in status["message"]


@pytest.mark.parametrize(
    ("ready", "seconds", "phase"), [(1, 14, "Starting"), (1, 15, "Ready"), (0, 15, "Starting")]
)
def test_required_workers_are_enough_after_some_patience(ready: int, seconds: int, phase: str) -> None:
    stage = Stage({"workers": {"replicas": 3, "required": 1}})
    begun = running(0).pods["scheduler"]
    begun["status"]["conditions"][0]["lastTransitionTime"] = timestamp(NOW)
    stage = replace(stage, pods={"scheduler": begun})
    for ordinal in range(3):
        stage = stage.worker(ordinal, started=ordinal < ready)
    written = stage.applied()
    assert written.plan().requeue_at == NOW + timedelta(seconds=15)
    assert written.later(seconds=seconds).applied().status["phase"] == phase
