"""The end of a DaskCluster: of its scheduler, by idleness, by its deletion."""

from dataclasses import replace
from datetime import timedelta

from daskflow.api.conditions import timestamp

from tests.unit.plan.cluster.stage import BASE, MADE, ended_scheduler, running, worker
from tests.unit.plan.stage import DELETED, NOW


def test_a_lost_scheduler_is_never_made_again() -> None:
    status = MADE.with_pods(worker(0), worker(1)).applied().status
    assert status is not None
    assert (status["phase"], status["reason"]) == ("Failed", "SchedulerLost")


def test_an_idle_cluster_has_stopped_and_says_why() -> None:
    idle = ended_scheduler(running(1, idleTimeout="20m"), message={"reason": "IdleTimeout"})
    assert idle.plan().requeue_at == NOW + timedelta(seconds=5)
    over = idle.later(seconds=5).applied()
    assert (over.status["phase"], over.status["reason"]) == ("Stopped", "IdleTimeout")
    assert "spec.idleTimeout (20m)" in over.status["message"]
    assert [patch.key.name for patch in over.plan().patches] == [f"{BASE}-worker-0"]


def test_a_cluster_without_clients_has_stopped_and_says_why() -> None:
    left = ended_scheduler(running(1, noClientTimeout="20m"), message={"reason": "NoClientTimeout"})
    over = left.later(seconds=5).applied()
    assert (over.status["phase"], over.status["reason"]) == ("Stopped", "NoClientTimeout")
    assert "spec.noClientTimeout (20m)" in over.status["message"]


def test_a_deleted_cluster_ends_its_pods_and_says_that_it_stopped() -> None:
    stage = running()
    gone = replace(stage, more=DELETED)
    plan = gone.plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"], len(plan.patches)) == ("Stopping", "Deleted", 3)
    stopped = replace(gone, pods={}).applied()
    assert (stopped.status["phase"], stopped.status["reason"]) == ("Stopped", "Deleted")
    late = {"deletionTimestamp": timestamp(NOW - timedelta(minutes=5))}
    pods = {name: {**pod, "metadata": {**pod["metadata"], **late}} for name, pod in stage.pods.items()}
    unreachable = replace(gone, pods=pods).applied()
    assert unreachable.status["phase"] == "Stopped"
    assert "does not answer" in unreachable.status["message"]
