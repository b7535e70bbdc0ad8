"""An attempt's cluster, scheduler and runner are the very objects that its record names."""

from dataclasses import replace
from datetime import timedelta

import pytest
from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, Stage, another, failed, kinds, opened, run


def test_no_runner_before_it_is_written_down_whose_cluster_it_uses() -> None:
    stage = opened().with_scheduler().record(clusterUid=None)
    plan = stage.plan()
    assert not plan.creates
    assert not plan.events
    written = stage.applied()
    assert written.attempt["clusterUid"] == "cluster-1"
    assert kinds(written.plan().creates) == ["Pod"]


def test_a_cluster_that_is_gone_is_not_made_again() -> None:
    stage = replace(opened(), children=()).applied()
    assert stage.status["phase"] == "Failed"
    assert stage.status["reason"] == "ClusterDeleted"
    assert stage.attempt["budget"] == "infrastructure", "its flow may have begun while nobody looked"


def test_a_cluster_of_the_same_name_is_another_one() -> None:
    stage = opened().with_scheduler()
    assert stage.plan().creates, "it is ours"
    other = replace(stage, children=tuple(another("other", each) for each in stage.children))
    assert not other.plan().creates
    assert other.applied().status["reason"] == "ClusterDeleted"


def test_a_run_that_an_earlier_version_opened_goes_on_under_its_names() -> None:
    """That version wrote down no uid, and reckoned its names from five letters."""
    stage = Stage(run()).applied().record(cluster="etl-x7k2p-1")
    (cluster,) = stage.plan().creates
    assert cluster["metadata"]["name"] == "etl-x7k2p-1"
    there = opened().with_scheduler(started=True).with_runner(started=True).record(clusterUid=None)
    later = there.applied()
    assert later.attempt["clusterUid"] == "cluster-1"
    assert not later.plan().creates
    assert later.later(seconds=30).applied().status["phase"] == "Running"


def test_another_scheduler_is_none_of_the_runs() -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=30).applied()
    assert stage.status["phase"] == "Running"
    other = replace(
        stage,
        members=tuple(another("new", each) if each["kind"] == "Pod" else each for each in stage.members),
    )
    assert "scheduler's pod is gone" in other.applied().status["message"]


@pytest.mark.parametrize("sign", ["deleted", "asked to end", "taken away"])
def test_a_runner_that_is_being_ended_is_no_witness_that_its_flow_has_begun(sign: str) -> None:
    stage = opened({"deadlines": {"start": "60s"}}).with_scheduler(started=True)
    metadata = {"deletionTimestamp": timestamp(NOW + timedelta(seconds=61))} if sign == "deleted" else {}
    conditions = ({"type": "DisruptionTarget", "status": "True"},) if sign == "taken away" else ()
    ending = stage.with_runner(started=True, conditions=conditions, **metadata)
    if sign == "asked to end":
        ending.children[-1]["spec"]["activeDeadlineSeconds"] = 1
    late = ending.later(seconds=61).applied()
    assert (late.status["phase"], late.status["reason"]) == ("Starting", "Cancelling")
    record = failed("Terminated", begun=False)
    ended = late.without_runner().with_cluster().with_runner(exit_code=143, message=record, **metadata)
    assert ended.applied().status["reason"] == "DeadlineExceeded"
