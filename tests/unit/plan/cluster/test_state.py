"""How a DaskCluster is: what keeps it from being ready, and what is ready enough."""

from dataclasses import replace
from datetime import timedelta

import pytest
from daskflow.api.conditions import timestamp

from tests.unit.plan.cluster.stage import BASE, OLD, Stage, running, scaled
from tests.unit.plan.stage import NOW


def test_pods_that_cannot_start_are_explained() -> None:
    stage = Stage({"workers": {"replicas": 1}}, pods=running(0).pods)
    waiting = {"reason": "ImagePullBackOff", "message": "not found"}
    status = stage.worker(0, started=False, phase="Pending", waiting=waiting, at=OLD).applied().status
    assert (status["phase"], status["reason"]) == ("Starting", "ImagePullFailed")
    assert "flows:1" in status["message"]


@pytest.mark.parametrize("what", ["2 actors", "data that no other worker can take"])
def test_a_worker_that_holds_something_is_named(what: str) -> None:
    held = scaled(running(2), 1).applied().hears(held={f"{BASE}-worker-0": what}).later(minutes=10)
    status = held.applied().status
    assert (status["phase"], status["reason"]) == ("Ready", "HoldingActors")
    assert status["message"].endswith(f"; {BASE}-worker-0 is to go and stays, since it holds {what}.")
    assert held.applied().group()["reason"] == "HoldingActors"
    assert held.deleted == []


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
