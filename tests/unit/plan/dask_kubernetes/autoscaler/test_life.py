"""Where a DaskAutoscaler lets the number of workers go, and what it says when it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.autoscaler.life import plan
from daskflow.plan.model import Observed

from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.autoscaler.stage import (
    ScalerStage,
    autoscaler,
    cluster,
    group,
    scheduler,
)
from tests.unit.plan.dask_kubernetes.strange import strange
from tests.unit.plan.stage import DELETED, NOW

SETTINGS = Settings(root_key=bytes(32), runtime=b"")


def test_a_strangers_object_stops_nobody() -> None:
    for resource in strange("DaskAutoscaler", specs.AUTOSCALER):
        for reference in (None, cluster()):
            seen = Observed(reference=reference, neighbours=(group("x"),))
            plan(resource, seen, datetime(2026, 1, 1, tzinfo=UTC), SETTINGS)


def test_it_goes_with_its_cluster() -> None:
    (owner,) = ScalerStage().settled().resource["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("DaskCluster", "cluster")


def test_the_scheduler_is_asked_as_long_as_it_takes_connections() -> None:
    question = ScalerStage().settled().plan().question
    assert question is not None
    assert (question.scheduler, question.address, question.demand) == ("s", "tcp://10.0.0.7:8786", True)
    for pods in ((), (scheduler(ready="False"),)):
        assert replace(ScalerStage(), pods=pods).settled().plan().question is None
    assert replace(ScalerStage(), groups=()).settled().plan().question is None


def test_more_workers_come_at_once() -> None:
    assert ScalerStage().settled().wants(7).replicas == 7


@pytest.mark.parametrize(("demand", "replicas"), [(99, 10), (0, 1)])
def test_the_number_stays_within_the_bounds(demand: int, replicas: int) -> None:
    assert ScalerStage().settled().wants(demand).later(100).replicas == replicas


def test_without_a_maximum_there_is_none() -> None:
    assert ScalerStage(autoscaler(maximum=None)).settled().wants(500).replicas == 500


@pytest.mark.parametrize("bounds", [{"maximum": None}, {"minimum": 10**9, "maximum": None}])
def test_no_number_is_wanted_that_a_group_may_not_have(bounds: dict[str, Any]) -> None:
    """It is its user's scheduler that says how many."""
    assert ScalerStage(autoscaler(**bounds)).settled().wants(1_000_000).replicas == 2000


def test_fewer_workers_go_a_quarter_at_a_time() -> None:
    stage = replace(ScalerStage(), groups=(group(10),)).settled().wants(1)
    seen = [stage.replicas]
    for _ in range(5):
        stage = stage.later(16)
        seen.append(stage.replicas)
    assert seen == [10, 8, 6, 5, 4, 3]
    assert stage.later(100).replicas == 1


def test_a_moment_without_work_costs_no_worker() -> None:
    """Between two batches a scheduler asks for nothing."""
    stage = ScalerStage().settled().wants(8)
    for _ in range(10):
        stage = stage.wants(0).later(4).wants(8).later(11)
        assert stage.replicas == 8


def test_what_has_been_reached_is_left_alone() -> None:
    stage = ScalerStage().settled().wants(2)
    assert stage.later(600).patches == stage.patches


def test_another_operator_goes_on_with_the_pause() -> None:
    stage = replace(ScalerStage(), groups=(group(8),)).settled().wants(1)
    assert stage.later(10).replicas == 8
    restarted = replace(stage.later(10), answer=None).settled().wants(1)
    assert restarted.later(6).replicas == 6


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "9" * 400, "-1", "99999999999"])
def test_a_pause_that_is_nonsense_begins_anew(text: str) -> None:
    stage = replace(ScalerStage(), groups=(group(8),)).settled()
    meta = {**stage.resource["metadata"], "annotations": {"kubernetes.dask.org/cooldown-until": text}}
    wrong = replace(stage, resource={**stage.resource, "metadata": meta}).wants(1)
    assert wrong.replicas == 8
    assert wrong.later(16).replicas == 6


@pytest.mark.parametrize("heard", [{"uid": "another"}, {"lost": True}])
def test_a_number_of_another_scheduler_or_of_none_is_not_followed(heard: dict[str, Any]) -> None:
    assert ScalerStage().settled().wants(9, **heard).replicas == 2
    assert ScalerStage().settled().wants(None).replicas == 2


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"minimum": 5, "maximum": 3}, "spec.maximum: 3 is less than spec.minimum, 5"),
        ({"minimum": -1}, "spec.minimum: -1 is less than 0"),
        ({"minimum": "x"}, "spec.minimum"),
        ({"cluster": None}, "spec.cluster"),
    ],
)
def test_what_cannot_be_is_told_once_and_nothing_is_scaled(bounds: dict[str, Any], words: str) -> None:
    stage = ScalerStage(autoscaler(**bounds)).settled()
    assert words in stage.status["message"]
    (event,) = stage.told
    assert event.startswith("SpecInvalid: ")
    assert stage.wants(9).replicas == 2


def test_of_two_the_first_one_decides_and_the_other_says_so() -> None:
    second = autoscaler("two", NOW + timedelta(seconds=1))
    stage = replace(ScalerStage(second), rivals=(autoscaler(),)).settled()
    assert stage.status["reason"] == "NameConflict"
    assert stage.wants(9).replicas == 2
    alone = replace(stage, rivals=()).settled()
    assert alone.status["reason"] == ""
    assert alone.wants(9).replicas == 9
    first = replace(ScalerStage(), rivals=(second,)).settled()
    assert first.wants(9).replicas == 9


def test_a_cluster_that_is_not_there_is_waited_for() -> None:
    stage = replace(ScalerStage(), cluster=None).settled()
    assert stage.status["reason"] == "ClusterMissing"
    assert replace(stage, cluster=cluster()).settled().wants(5).replicas == 5


def test_one_that_goes_with_its_cluster_tells_nobody_that_it_is_missing() -> None:
    stage = ScalerStage().settled()
    assert not replace(stage, cluster=None).plan().acts


def test_what_was_deleted_scales_nothing() -> None:
    stage = ScalerStage().settled()
    gone = replace(stage, resource={**stage.resource, "metadata": {**stage.resource["metadata"], **DELETED}})
    assert gone.wants(9).replicas == 2
