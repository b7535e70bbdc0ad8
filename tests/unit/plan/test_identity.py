"""An attempt's cluster, and a cluster's scheduler, are the very objects whose uids are written down."""

from dataclasses import replace
from typing import Any

from daskflow.plan.model import Object

from tests.unit.plan.cluster_stage import running
from tests.unit.plan.stage import Stage, kinds, opened, run


def _another(uid: str, made: Object) -> dict[str, Any]:
    return {**made, "metadata": {**made["metadata"], "uid": uid}}


def _attempt(stage: Stage) -> dict[str, Any]:
    last: dict[str, Any] = stage.status["attempts"][-1]
    return last


def test_no_runner_before_it_is_written_down_whose_cluster_it_uses() -> None:
    stage = opened().with_scheduler().record(clusterUid=None)
    plan = stage.plan()
    assert not plan.creates
    assert not plan.events
    written = stage.applied()
    assert _attempt(written)["clusterUid"] == "cluster-1"
    assert kinds(written.plan().creates) == ["Pod"]


def test_a_cluster_that_is_gone_is_not_made_again() -> None:
    stage = replace(opened(), children=()).applied()
    assert stage.status["phase"] == "Failed"
    assert stage.status["reason"] == "ClusterDeleted"
    assert _attempt(stage)["budget"] == "infrastructure", "its flow may have begun while nobody looked"


def test_a_cluster_of_the_same_name_is_another_one() -> None:
    stage = opened().with_scheduler()
    assert stage.plan().creates, "it is ours"
    other = replace(stage, children=tuple(_another("other", each) for each in stage.children))
    assert not other.plan().creates
    assert other.applied().status["reason"] == "ClusterDeleted"


def test_a_run_that_an_earlier_version_opened_goes_on_under_its_names() -> None:
    """That version wrote down no uid, and reckoned its names from five letters."""
    stage = Stage(run()).applied().record(cluster="etl-x7k2p-1")
    (cluster,) = stage.plan().creates
    assert cluster["metadata"]["name"] == "etl-x7k2p-1"
    there = opened().with_scheduler(started=True).with_runner(started=True).record(clusterUid=None)
    later = there.applied()
    assert _attempt(later)["clusterUid"] == "cluster-1"
    assert not later.plan().creates
    assert later.later(seconds=30).applied().status["phase"] == "Running"


def test_another_scheduler_is_none_of_the_runs() -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=30).applied()
    assert stage.status["phase"] == "Running"
    other = replace(
        stage,
        members=tuple(_another("new", each) if each["kind"] == "Pod" else each for each in stage.members),
    )
    assert "scheduler's pod is gone" in other.applied().status["message"]


def test_another_scheduler_is_none_of_the_clusters() -> None:
    stage = running()
    other = replace(stage, pods={**stage.pods, "scheduler": _another("new", stage.pods["scheduler"])})
    ended = other.applied()
    assert (ended.status["phase"], ended.status["reason"]) == ("Failed", "SchedulerLost")
    assert len(ended.plan().patches) == 3, "it and the two workers are ended"
