"""The store finds what belongs to a run, also when somebody changes whose it is."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from daskflow.api.names import LABEL_RUN
from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import Api, Listing, key_of
from daskflow.controller.kubernetes.watch import bring_up_to_date

RUN = {
    "apiVersion": "daskflow.dev/v1alpha1",
    "kind": "FlowRun",
    "metadata": {"name": "run", "namespace": "data", "uid": "r", "resourceVersion": "1"},
    "spec": {},
}


def pod(version: int, labels: dict[str, str]) -> dict[str, Any]:
    owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "DaskCluster", "name": "run-1", "uid": "c"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "run-1-worker-0",
            "namespace": "data",
            "uid": "p",
            "resourceVersion": str(version),
            "labels": labels,
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {},
        "status": {},
    }


async def test_a_list_of_another_moment_begins_anew() -> None:
    """Its pages were too large: what the first ones told may be gone by now."""
    other = {**RUN, "metadata": {**RUN["metadata"], "name": "other", "uid": "o"}}

    class Pages:
        async def pages(self, kind: str, namespace: str | None, selector: str) -> AsyncIterator[Listing]:
            yield Listing((RUN, other), "2")
            yield Listing((RUN,), "3")

    store = Store(changed=lambda key: None)
    assert await bring_up_to_date(cast(Api, Pages()), store, "FlowRun", None) == "3"
    assert store.custom() == (key_of(RUN),)


def test_a_pod_that_lost_its_runs_label_and_went_leaves_nothing_behind() -> None:
    store = Store(changed=lambda key: None)
    store.put(RUN)
    store.put(pod(2, {LABEL_RUN: "run"}))
    assert observe(store, RUN, 0.0).grandchildren["c"]
    bare = pod(3, {})
    store.put(bare)
    assert not observe(store, RUN, 0.0).grandchildren
    store.remove(key_of(bare), "p")
    assert not observe(store, RUN, 0.0).grandchildren


def _cluster(uid: str, owner: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "DaskCluster",
        "metadata": {
            "name": "run-1",
            "namespace": "data",
            "uid": uid,
            "resourceVersion": "2",
            "labels": {LABEL_RUN: "run"},
            "ownerReferences": [owner] if owner else [],
        },
        "spec": {},
    }


@pytest.mark.parametrize(
    ("owners", "clusters"),
    [
        ([], []),
        ([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": "x", "controller": True}], []),
        (None, [_cluster("c", None)]),
    ],
    ids=["of nobody", "of another kind", "of a cluster that is not the run's"],
)
def test_a_label_alone_makes_no_pod_the_runs(
    owners: list[dict[str, Any]] | None, clusters: list[dict[str, Any]]
) -> None:
    store = Store(changed=lambda key: None)
    labelled = pod(3, {LABEL_RUN: "run"})
    if owners is not None:
        labelled["metadata"]["ownerReferences"] = owners
    for each in (RUN, *clusters, labelled):
        store.put(each)
    assert not observe(store, RUN, 0.0).grandchildren


def test_pods_of_a_cluster_that_its_flow_made_are_the_runs() -> None:
    owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "name": "run", "uid": "r"}
    store = Store(changed=lambda key: None)
    for each in (RUN, _cluster("c", owner), pod(3, {LABEL_RUN: "run"})):
        store.put(each)
    assert observe(store, RUN, 0.0).grandchildren["c"]
