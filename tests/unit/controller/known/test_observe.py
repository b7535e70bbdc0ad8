"""What is known around a run, also when somebody changes whose things are."""

import json
from typing import Any

import pytest
from daskflow.api.names import LABEL_RUN
from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.objects import object_from
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.plan.model import Key

from tests.simulation import toy
from tests.unit.controller.toys import RUN, a_pod


def test_pods_outlive_their_cluster_in_what_is_known_of_a_run() -> None:
    told: list[Key] = []
    store = Store(told.append)
    run = {**toy.parent("toy"), "metadata": {"name": "toy", "namespace": "default", "uid": "r"}}
    store.put(run)
    store.put(a_pod("w", 5, "gone"))
    assert told[-1] == RUN
    assert [each["metadata"]["uid"] for each in observe(store, run, 0.0).grandchildren["gone"]] == ["w"]
    store.remove(Key("Pod", "default", "w"), "w")
    assert told[-1] == RUN
    assert observe(store, run, 0.0).grandchildren == {}


RUN_BODY = {
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


def test_a_pod_that_lost_its_runs_label_and_went_leaves_nothing_behind() -> None:
    store = Store(changed=lambda key: None)
    store.put(RUN_BODY)
    store.put(pod(2, {LABEL_RUN: "run"}))
    assert observe(store, RUN_BODY, 0.0).grandchildren["c"]
    bare = pod(3, {})
    store.put(bare)
    assert not observe(store, RUN_BODY, 0.0).grandchildren
    store.remove(key_of(bare), "p")
    assert not observe(store, RUN_BODY, 0.0).grandchildren


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
    for each in (RUN_BODY, *clusters, labelled):
        store.put(each)
    assert not observe(store, RUN_BODY, 0.0).grandchildren


def test_pods_of_a_cluster_that_its_flow_made_are_the_runs() -> None:
    owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "name": "run", "uid": "r"}
    store = Store(changed=lambda key: None)
    for each in (RUN_BODY, _cluster("c", owner), pod(3, {LABEL_RUN: "run"})):
        store.put(each)
    assert observe(store, RUN_BODY, 0.0).grandchildren["c"]


@pytest.mark.parametrize(("uid", "known"), [("r", True), ("another", False)])
def test_the_run_of_a_cluster_that_a_flow_made_is_known_by_its_uid(uid: str, known: bool) -> None:
    owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "name": "run", "uid": uid}
    store = Store(changed=lambda key: None)
    store.put(RUN_BODY)
    assert (observe(store, _cluster("c", owner), 0.0).owner is not None) is known


def _theirs(kind: str, name: str, uid: str, version: int, **more: Any) -> dict[str, Any]:
    meta = {"namespace": "data", "name": name, "uid": uid, "resourceVersion": str(version)}
    return {"apiVersion": "kubernetes.dask.org/v1", "kind": kind, "metadata": meta, **more}


def test_who_is_of_a_cluster_of_dask_kubernetes_sees_it_and_all_that_is_of_it() -> None:
    heard: list[Key] = []
    store = Store(changed=heard.append)
    group = _theirs("DaskWorkerGroup", "lab-default", "g", 1, spec={"cluster": "lab"})
    scaler = _theirs("DaskAutoscaler", "lab", "a", 2, spec={"cluster": "lab"})
    broken = _theirs("DaskAutoscaler", "broken", "b", 3, spec={"cluster": ["lab"]})
    for each in (group, scaler, broken):
        store.put(each)
    heard.clear()
    cluster = _theirs("DaskCluster", "lab", "c", 4)
    ours = {**_theirs("DaskCluster", "lab", "o", 5), "apiVersion": "daskflow.dev/v1alpha1"}
    store.put(cluster)
    key = Key("DaskCluster.kubernetes.dask.org", "data", "lab")
    all_of_it = {key, *(Key(each["kind"], "data", each["metadata"]["name"]) for each in (group, scaler))}
    assert set(heard) == all_of_it
    store.put(ours)
    heard.clear()
    owner = {"apiVersion": cluster["apiVersion"], "kind": "DaskCluster", "name": "lab", "uid": "c"}
    pod = _theirs("Pod", "lab-scheduler", "p", 6)
    pod["metadata"]["ownerReferences"] = [{**owner, "controller": True}]
    store.put(pod)
    assert set(heard) == all_of_it
    seen = observe(store, scaler, 0.0)
    assert (seen.reference, seen.neighbours) == (store.get(key), (group, scaler))
    assert [each["metadata"]["uid"] for each in seen.grandchildren["c"]] == ["p"]
    assert observe(store, cluster, 0.0).neighbours == (group,)
    assert observe(store, ours, 0.0).neighbours == ()
    assert observe(store, broken, 0.0).reference is None


def test_of_a_clusters_thousand_groups_none_wakes_or_reads_the_others() -> None:
    """Each reading each would take all of the operator's time: whoever may make one may make thousands."""
    heard: list[Key] = []
    store = Store(changed=heard.append)
    store.put(_theirs("DaskCluster", "lab", "c", 1))
    owner = {"apiVersion": "kubernetes.dask.org/v1", "kind": "DaskCluster", "name": "lab", "uid": "c"}
    spec = {"cluster": "lab", "worker": {"replicas": 0, "spec": {"x": "y" * 5_000}}}

    def put(kind: str, name: str, version: int) -> None:
        made = _theirs(kind, name, name, version, spec=spec)
        made["metadata"]["ownerReferences"] = [{**owner, "controller": True}]
        store.put(object_from(json.dumps(made).encode(), kind, "kubernetes.dask.org/v1"))

    for number in range(9):
        put("DaskWorkerGroup", f"g{number}", 2)
        put("DaskAutoscaler", f"a{number}", 2)
    for kind, name in (("DaskWorkerGroup", "g0"), ("DaskAutoscaler", "a0")):
        heard.clear()
        put(kind, name, 3)
        assert heard == [Key(kind, "data", name), Key("DaskCluster.kubernetes.dask.org", "data", "lab")]
    group = store.get(Key("DaskWorkerGroup", "data", "g0"))
    cluster = store.get(Key("DaskCluster.kubernetes.dask.org", "data", "lab"))
    assert group is not None
    assert cluster is not None
    assert observe(store, group, 0.0).neighbours == ()
    groups = (each for each in observe(store, cluster, 0.0).children if each["kind"] == "DaskWorkerGroup")
    assert all(each is store.get(key_of(each)) for each in groups), "what nobody reads stays packed"


def test_what_a_plan_sees_around_is_whole_too() -> None:
    store = Store(changed=lambda key: None)
    config = {"x": ["y"] * 1_000}
    meta = {"namespace": "data", "resourceVersion": "1"}
    shared = {"apiVersion": "v", "kind": "DaskCluster", "spec": {"image": "a", "config": config}}
    owner = [{"kind": "FlowRun", "name": "run", "uid": "r", "controller": True}]
    own = {**shared, "metadata": {**meta, "name": "own", "uid": "o", "ownerReferences": owner}}
    used = {**shared, "metadata": {**meta, "name": "shared", "uid": "s"}}
    spec = {"clusterRef": {"name": "shared"}, "flow": {"script": "x" * 2_000}}
    run = {
        "apiVersion": "v",
        "kind": "FlowRun",
        "metadata": {**meta, "name": "run", "uid": "r"},
        "spec": spec,
    }
    for body in (own, used, run):
        store.put(object_from(json.dumps(body).encode(), str(body["kind"])))
    known = store.get(Key("FlowRun", "data", "run"))
    assert known is not None
    seen = observe(store, known, 0.0)
    assert [child["spec"]["config"] for child in seen.children] == [config]
    assert seen.reference is not None
    assert seen.reference["spec"]["config"] == config


def test_an_object_of_another_namespace_is_nobodys_child_here() -> None:
    """Whoever knows a cluster's uid could else make a pod elsewhere that passes for its scheduler."""
    told: list[Key] = []
    store = Store(told.append)
    cluster = _cluster("c", None)
    store.put(cluster)
    forged = pod(3, {})
    forged["metadata"]["namespace"] = "evil"
    store.put(forged)
    assert observe(store, cluster, 0.0).children == ()
    store.put(pod(4, {}) | {"metadata": pod(4, {})["metadata"] | {"uid": "q"}})
    assert [each["metadata"]["uid"] for each in observe(store, cluster, 0.0).children] == ["q"]


def test_a_run_of_a_schedule_looks_at_the_pool_that_it_names_else_at_its_schedule() -> None:
    store = Store(changed=lambda key: None)
    api = {"apiVersion": "daskflow.dev/v1alpha1"}

    def put(kind: str, name: str, owner: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
        owners = [owner | {"controller": True}] if owner else []
        meta = {"name": name, "namespace": "data", "uid": name, "resourceVersion": "1"}
        body = {**api, "kind": kind, "metadata": {**meta, "ownerReferences": owners}, "spec": spec}
        store.put(body)
        return body

    schedule = {**api, "kind": "FlowSchedule", "name": "daily", "uid": "daily"}
    pool = {**api, "kind": "ClusterPool", "name": "small", "uid": "small"}
    put("FlowSchedule", "daily")
    put("ClusterPool", "small")
    put("DaskCluster", "of-pool", pool)
    put("DaskCluster", "of-tick", schedule)
    for named, units in (({"pool": {"name": "small"}}, ["of-pool"]), ({}, ["of-tick"])):
        seen = observe(store, put("FlowRun", "run", schedule, **named), 0.0)
        assert [each["metadata"]["name"] for each in seen.units] == units
        assert (seen.pool is not None) == bool(named)
