"""Pods that somebody else has made and that say they are a cluster's: no error, and no end of it."""

from dataclasses import replace

import pytest
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import grace

from tests.unit.plan import cluster_stage
from tests.unit.plan.cluster_stage import BASE, OLD
from tests.unit.plan.stage import NOW, pod

READY = cluster_stage.running()


@pytest.mark.parametrize("name", ["planted", "a-worker", "a.worker.b", f"{BASE}-worker-{'9' * 20}"])
def test_a_planted_worker_without_an_ordinal_of_ours_is_left_alone(name: str) -> None:
    planted = replace(READY, pods={**READY.pods, name: pod(name, "worker", started=True, at=OLD)})
    assert planted.applied().status["phase"] == "Ready"
    assert not planted.plan().acts


def test_a_planted_worker_with_one_is_counted_as_any() -> None:
    name = f"{BASE}-worker-7"
    planted = replace(READY, pods={**READY.pods, name: pod(name, "worker", started=True, at=OLD)}).applied()
    assert planted.plan().scale is not None  # the scheduler is to say which one goes


def test_what_a_pods_own_status_lacks_is_not_missed() -> None:
    name = f"{BASE}-worker-0"
    odd = pod(name, "worker", started=True, at=OLD)
    del odd["status"]["containerStatuses"][0]["state"]
    assert replace(READY, pods={**READY.pods, name: odd}).plan().status["workers"]["ready"] == 1


def test_a_grace_period_beyond_all_dates_is_a_long_one() -> None:
    odd = pod("a-worker-0", "worker")
    odd["spec"]["terminationGracePeriodSeconds"] = 2**62
    assert NOW + grace(Pod(odd)) > NOW
