"""What was deleted and is kept by somebody's finalizer: it ends, says so, and nothing new begins."""

from dataclasses import replace

import pytest
from daskflow.api.conditions import timestamp
from daskflow.plan.deletion import leaving

from tests.unit.plan.stage import DELETED, NOW, Stage, failed, opened, run


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


def test_the_run_of_a_cluster_that_is_deleted_says_so() -> None:
    stage = opened().with_scheduler(exit_code=143)
    stage.children[0]["metadata"].update(DELETED)
    assert stage.applied().status["attempts"][0]["reason"] == "ClusterDeleted"
