"""What tasks ask for is written down, within bounds, and then made so like any other wish."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.plan.model import GroupOrder

from tests.unit.plan.cluster_stage import BASE, SCHEDULER_UID, Stage, running

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
    assert not replace(grown, told=None).plan().acts


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
    stage = replace(auto(0, minimum=0), owned=True, status={}).applied()
    if told is not None:
        stage = stage.hears(**told).applied()
    assert stage.status["scheduler"]["uid"] == SCHEDULER_UID
    assert stage.status["workers"]["desired"] == desired
