"""Another number of workers, by hand or by demand: written down, then ordered of the scheduler."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.plan.model import GroupOrder

from tests.unit.plan.cluster.stage import BASE, SCHEDULER_UID, Stage, running, scaled
from tests.unit.plan.stage import NOW


def test_a_cluster_that_is_as_it_should_be_needs_nobody_to_be_asked() -> None:
    assert not running().plan().acts
    assert running().plan().scale is None


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


def test_one_that_was_told_once_hears_every_change() -> None:
    fewer = scaled(running(2), 1).applied()
    small = fewer.without(f"{BASE}-worker-1").applied()
    scale = small.plan().scale
    assert scale is not None
    assert not scale.watch
    assert scaled(small, 2).worker(2).ordered == {"default": GroupOrder(2, 60)}


def test_another_schedulers_word_does_not_count() -> None:
    stage = scaled(running(2), 1).applied().hears(retiring=frozenset({f"{BASE}-worker-0"}))
    assert stage.scaling is not None
    other = replace(stage, scaling=replace(stage.scaling, scheduler="another"))
    assert scaled(other, 2).made == []
    assert scaled(stage, 2).made == ["worker-2"]


BOUNDS = {"minimum": 1, "maximum": 5}


def auto(workers: int = 1, **bounds: int) -> Stage:
    """A cluster that follows the demand."""
    started = running(0).pods["scheduler"]
    stage = Stage({"workers": {"autoscale": {**BOUNDS, **bounds}}}, pods={"scheduler": started})
    for ordinal in range(workers):
        stage = stage.worker(ordinal)
    return stage.applied()


@pytest.mark.parametrize(
    ("demand", "desired"), [({}, 1), ({"default": 0}, 1), ({"default": 3}, 3), ({"default": 99}, 5)]
)
def test_demand_is_followed_within_its_bounds(demand: dict[str, int], desired: int) -> None:
    stage = auto().hears(demand=demand).applied()
    assert stage.status["workers"]["desired"] == desired
    assert stage.made == [f"worker-{n}" for n in range(1, desired)]
    assert stage.ordered == {"default": GroupOrder(desired, 60, (1, 5, 60, 5))}


def test_it_is_written_down_before_anything_is_made() -> None:
    plan = auto().hears(demand={"default": 3}).plan()
    assert plan.status is not None
    assert not plan.creates


def test_it_begins_with_the_least_and_asks_at_once() -> None:
    stage = auto(0, minimum=2)
    assert stage.made == ["worker-0", "worker-1"]
    scale = stage.plan().scale
    assert scale is not None
    assert scale.watch


def test_a_restarted_operator_keeps_what_was_desired() -> None:
    grown = auto().hears(demand={"default": 3}).worker(1).worker(2).applied()
    assert not replace(grown, scaling=None).plan().acts


def test_what_a_lost_scheduler_demanded_stands() -> None:
    grown = auto().hears(demand={"default": 3}).worker(1).worker(2).applied()
    assert not grown.hears(lost=True).plan().acts


def test_growing_is_no_trouble() -> None:
    status = auto().hears(demand={"default": 3}).applied().status
    assert (status["phase"], status["message"]) == ("Ready", "Scheduler and 1 of 3 workers are ready.")


def test_down_to_nothing_and_up_again() -> None:
    empty = auto(minimum=0).hears(demand={"default": 0}).applied()
    assert empty.ordered["default"].replicas == 0
    gone = empty.retired(0).applied()
    assert gone.deleted == ["worker-0"]
    assert gone.without(f"{BASE}-worker-0").hears(demand={"default": 1}).applied().made == ["worker-1"]


def test_lowered_bounds_hold_at_once() -> None:
    grown = auto().hears(demand={"default": 3}).worker(1).worker(2).applied()
    lower = grown.change(workers={"autoscale": {"maximum": 2}})
    assert lower.ordered["default"].replicas == 2


def test_each_group_has_its_own_demand() -> None:
    groups = [{"name": "gpu", "autoscale": {"maximum": 4}}]
    stage = running(1, workerGroups=groups).hears(demand={"gpu": 2}).applied()
    assert stage.made == ["worker-gpu-0", "worker-gpu-1"]
    assert {name: order.replicas for name, order in stage.ordered.items()} == {"default": 1, "gpu": 2}


def test_from_a_number_to_demand_nobody_is_let_go_before_the_demand_is_known() -> None:
    stage = running(3).change(workers={"autoscale": {"maximum": 5}}).applied()
    assert stage.status["workers"]["desired"] == 3
    assert stage.ordered["default"].replicas == 3


@pytest.mark.parametrize(
    ("told", "desired"),
    [(None, 1), ({"demand": {"default": 0}}, 1), ({"demand": {"default": 0}, "begun": True}, 0)],
)
def test_a_run_has_a_worker_until_its_flow_has_begun(told: dict[str, Any] | None, desired: int) -> None:
    stage = replace(auto(0, minimum=0), leased=True, status={}).applied()
    if told is not None:
        stage = stage.hears(**told).applied()
    assert stage.status["scheduler"]["uid"] == SCHEDULER_UID
    assert stage.status["workers"]["desired"] == desired
