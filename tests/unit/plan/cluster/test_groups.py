"""Groups of workers: each by itself, and as many workers as a total takes."""

from typing import Any

import pytest

from tests.unit.plan.cluster.stage import BASE, Stage, running, scaled

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


def test_retiring_workers_do_not_count_as_staying() -> None:
    going = scaled(running(3), 1).applied().hears(retiring=frozenset({f"{BASE}-worker-0"}))
    assert scaled(going, 3).made == ["worker-3"]
    assert going.applied().status["workers"]["ready"] == 2
