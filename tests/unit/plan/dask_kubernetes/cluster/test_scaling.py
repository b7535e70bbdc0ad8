"""Two objects say how many workers the first group has: which of them was changed last counts."""

from typing import Any

from tests.unit.plan.dask_kubernetes.stage import Stage, a_cluster

GROUP = ("DaskWorkerGroup", "lab-default")


def replicas(stage: Stage) -> int:
    return int(stage.children[GROUP]["spec"]["worker"]["replicas"])


def scaled(stage: Stage, number: int) -> Stage:
    """As clients and autoscalers do: the group alone."""
    group: Any = stage.children[GROUP]
    worker = {**group["spec"]["worker"], "replicas": number}
    return stage.put({**group, "spec": {**group["spec"], "worker": worker}})


def test_a_change_of_the_cluster_is_copied_and_one_of_the_group_stays() -> None:
    stage = a_cluster().settled()
    assert replicas(stage) == 2
    by_client = scaled(stage, 7).settled()
    assert replicas(by_client) == 7, "never put back"
    by_kubectl = by_client.change(worker={"replicas": 3}).settled()
    assert replicas(by_kubectl) == 3
    assert replicas(scaled(by_kubectl, 0).settled().later(hours=1).settled()) == 0
    assert replicas(by_kubectl.change(worker={"replicas": 2}).settled()) == 2, "as at first"


def test_a_group_that_comes_from_elsewhere_keeps_its_number() -> None:
    stage = scaled(a_cluster().settled(), 9)
    group: Any = stage.children[GROUP]
    bare = {**group, "metadata": {**group["metadata"], "annotations": {}}}
    moved = stage.put(bare).settled()
    assert replicas(moved) == 9
    assert replicas(moved.change(worker={"replicas": 4}).settled()) == 4


def test_nulls_and_numbers_below_zero_mean_something() -> None:
    assert replicas(a_cluster(worker={"replicas": None}).settled()) == 1
    assert replicas(a_cluster(worker={"replicas": -3}).settled()) == 0
