"""What was deleted and is kept by somebody's finalizer: it ends, says so, and nothing new begins."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.manifests.naming import scheduler_name
from daskflow.plan.deletion import leaving

from tests.unit.plan import cluster_stage
from tests.unit.plan.schedule_stage import MIDNIGHT, ScheduleStage, schedule
from tests.unit.plan.stage import NOW, Stage, failed, opened, run

DELETED = {"deletionTimestamp": timestamp(NOW), "finalizers": ["example.com/archive"]}


def deleted(stage: Stage) -> Stage:
    """The run was deleted, and somebody keeps it."""
    return replace(stage, resource={**stage.resource, "metadata": {**stage.resource["metadata"], **DELETED}})


@pytest.mark.parametrize(
    ("finalizers", "left_alone"),
    [
        ([], True),
        (["foregroundDeletion"], True),
        (["orphan"], True),
        (["orphan", "example.com/archive"], True),
        (["foregroundDeletion", "example.com/archive"], False),
        (["example.com/archive"], False),
    ],
)
def test_whom_kubernetes_removes_is_left_alone(finalizers: list[str], left_alone: bool) -> None:
    assert leaving(run(deletionTimestamp=timestamp(NOW), finalizers=finalizers)) is left_alone
    assert not leaving(run(finalizers=finalizers))


def test_a_deleted_run_is_cancelled() -> None:
    stage = deleted(opened().with_scheduler(started=True).with_runner(started=True)).applied()
    assert stage.status["reason"] == "Cancelling"
    assert stage.plan().patches
    ended = deleted(opened().with_scheduler().with_runner(exit_code=143, message=failed("Terminated")))
    assert ended.applied().status["phase"] == "Cancelled"
    assert "deleted" in ended.applied().status["message"]
    assert deleted(Stage()).applied().status["phase"] == "Cancelled"


def test_the_record_of_a_deleted_run_is_not_deleted_again_and_again() -> None:
    stage = deleted(Stage(run({"retention": {"record": {"onFailure": "1m"}}}))).applied()
    assert not stage.later(hours=1).plan().acts


def test_a_deleted_cluster_ends_its_pods_and_says_that_it_stopped() -> None:
    stage = cluster_stage.running()
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


def test_the_run_of_a_cluster_that_is_deleted_says_so() -> None:
    stage = opened().with_scheduler(exit_code=143)
    stage.children[0]["metadata"].update(DELETED)
    assert stage.applied().status["attempts"][0]["reason"] == "ClusterDeleted"


def test_a_deleted_schedule_cancels_its_runs_and_makes_no_more() -> None:
    live: dict[str, Any] = {
        "kind": "FlowRun",
        "metadata": {"name": "a", "namespace": "data", "uid": "u", "creationTimestamp": timestamp(MIDNIGHT)},
        "spec": {},
        "status": {"phase": "Running"},
    }
    over = {**live, "status": {"phase": "Succeeded"}}
    stage = ScheduleStage(schedule(**DELETED), (live, over), MIDNIGHT + timedelta(hours=5))
    plan = stage.plan()
    assert [patch.body for patch in plan.patches] == [{"spec": {"cancel": True}}]
    assert plan.status is not None
    assert (plan.status["reason"], plan.status["activeCount"], plan.creates) == ("Deleted", 1, ())


def test_a_cluster_that_was_left_by_its_run_keeps_its_names() -> None:
    stage = cluster_stage.running()
    record = {**stage.status["scheduler"], "pod": scheduler_name("shared")}
    stage = replace(stage, status={**stage.status, "scheduler": record})
    gone = stage.without(*(name for name in stage.pods if "worker" in name)).plan().creates
    made = {body["metadata"]["name"] for body in gone if body["kind"] == "Pod"}
    assert made == {"shared-worker-0", "shared-worker-1"}
