"""All that is known around a resource, put together for its plan."""

from collections.abc import Iterator
from typing import Any

from daskflow.api.dask_kubernetes.names import AUTOSCALER, CLUSTER, WORKER_GROUP, default_group
from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE, kind_of
from daskflow.controller.known.indexes import cluster_ref
from daskflow.controller.known.pools import pool_ref
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.objects import unpacked
from daskflow.controller.kubernetes.verbs import controller_of, key_of
from daskflow.plan.model import Key, Object, Observed, Refusal

RIVAL_SECONDS = 2.0


def observe(store: Store, resource: Object, now: float) -> Observed:
    """`now` is the loop's clock, by which answers expire."""
    uid = resource["metadata"]["uid"]
    # A schedule looks at states of runs, of which it has thousands, and never at their specs; nor does a
    # cluster of dask-kubernetes at those of its worker groups.
    children = tuple(
        child if child["kind"] in (FLOW_RUN, WORKER_GROUP) else unpacked(_restored(store, child))
        for child in store.owned_by(resource)
    )
    uids = [uid, *(child["metadata"]["uid"] for child in children)]
    grandchildren = {
        child["metadata"]["uid"]: owned for child in children if (owned := tuple(store.owned_by(child)))
    }
    grandchildren |= _without_cluster(store, resource, uids)
    reference = cluster_ref(resource)
    used = store.get(reference) if reference else None
    if used is not None and reference is not None and reference.kind == CLUSTER:
        grandchildren[used["metadata"]["uid"]] = tuple(store.owned_by(used))
    used_uid = [used["metadata"]["uid"]] if used else []
    return Observed(
        children=children,
        grandchildren=grandchildren,
        made=tuple(_made_by_flow(store, key_of(resource), uid)),
        orphans=tuple(store.orphans(resource)),
        created=store.answers.created((*uids, *used_uid), now),
        occupied=store.answers.occupied(uids, now),
        refusals=(*store.answers.refusals(uids, now), *_of_secrets(store, used_uid, now)),
        refused_writes=store.answers.refused_writes(uid, now),
        counts=store.reports.counts(uid),
        reference=unpacked(_restored(store, used)) if used else None,
        defaults=store.namespace_defaults.of(resource["metadata"]["namespace"]),
        owner=_owner(store, resource),
        last_pod=store.last_pods.of(uid),
        scaling=store.reports.scaling(uid),
        neighbours=tuple(_neighbours(store, resource)),
        answer=store.reports.answer(uid),
        told=store.reports.told(uid, now),
        **_around_pools(store, resource),
    )


def _around_pools(store: Store, resource: Object) -> dict[str, Any]:
    """What a pool looks at beside its own clusters, and a run that may claim one."""
    key = key_of(resource)
    if key.kind == CLUSTER_POOL:
        claimed = tuple(store.claimed(key))
        claimants = (_owner(store, body) for body in claimed)
        return {
            "claimed": claimed,
            "claimants": tuple(run for run in claimants if run is not None),
            "roomless": tuple(store.roomless(key.namespace)),
        }
    wanted = pool_ref(resource)
    if wanted is None and (maker := _schedule_of(store, resource)) is not None:
        return {"units": _units(store, maker, resource)}
    pool = store.get(wanted) if wanted is not None else None
    if pool is None:
        return {}
    return {"pool": unpacked(pool), "units": _units(store, pool, resource)}


def _rivalled(store: Store, run: Object) -> bool:
    """Whether another asks for a cluster of the pool that this run would have one of."""
    others = store.answers.wanted_by_others(run["metadata"]["uid"])
    wanted = pool_ref(run) if others and not run["spec"].get("suspend") else None
    pool = store.get(wanted) if wanted is not None else None
    return pool is not None and any(key_of(child) in others for child in store.owned_by(pool))


def _units(store: Store, maker: Object, run: Object) -> tuple[Object, ...]:
    """Clusters that wait, but for those that another run is just asking for."""
    others = store.answers.wanted_by_others(run["metadata"]["uid"])
    found = (child for child in store.owned_by(maker) if child["kind"] == DASK_CLUSTER)
    return tuple(_restored(store, child) for child in found if key_of(child) not in others)


def _schedule_of(store: Store, run: Object) -> Object | None:
    """The FlowSchedule of a run that has yet to begin: it may have made a cluster ahead of its tick."""
    if run["kind"] != FLOW_RUN or (run.get("status") or {}).get("attempts"):
        return None
    owner = controller_of(run) or {}
    if owner.get("kind") != FLOW_SCHEDULE:
        return None
    return store.get(Key(FLOW_SCHEDULE, run["metadata"]["namespace"], owner["name"]))


def _of_secrets(store: Store, uids: list[str], now: float) -> Iterator[Refusal]:
    """Who uses a cluster mounts its Secret, and asks for no other child of it."""
    return (each for each in store.answers.refusals(uids, now) if each.key.kind == "Secret")


def _neighbours(store: Store, resource: Object) -> Iterator[Object]:
    """Who else is of the same cluster of dask-kubernetes, as far as anybody looks at them.

    A cluster may have thousands of groups: none of them looks at the others.
    """
    kind = kind_of(resource)
    cluster = key_of(resource) if kind == CLUSTER else cluster_ref(resource)
    if cluster is None or kind not in (CLUSTER, AUTOSCALER):
        return
    group = store.get(Key(WORKER_GROUP, cluster.namespace, default_group(cluster.name)))
    if group is not None and cluster_ref(group) == cluster:
        yield unpacked(group)
    if kind == AUTOSCALER:
        yield from (each for each in store.users(cluster) if each["kind"] == AUTOSCALER)


def _restored(store: Store, body: Object) -> Object:
    """With the status that is about to be put back where somebody edited it: no run ends by a lie."""
    status = store.hand_edits.before(key_of(body))
    return body if status is None else {**body, "status": status}


def wake_at(store: Store, resource: Object, now: float) -> float | None:
    """When an answer that `observe` told of expires (loop's clock): write or word are tried again."""
    uid = resource["metadata"]["uid"]
    uids = [uid, *(child["metadata"]["uid"] for child in store.owned_by(resource))]
    # Another may ask in vain for the cluster that this run did not see, and be gone.
    rival = now + RIVAL_SECONDS if _rivalled(store, resource) else None
    times = (store.answers.next_expiry(uids, now), store.reports.next_retry(uid, now), rival)
    return min((at for at in times if at is not None), default=None)


def _owner(store: Store, resource: Object) -> Object | None:
    """The run of a cluster: that controls it, or whose flow says to have made it."""
    owners = resource["metadata"].get("ownerReferences") or ()
    runs = (each for each in owners if each["kind"] == FLOW_RUN)
    owner = controller_of(resource) or next(runs, None)
    if owner is None or kind_of(resource) != DASK_CLUSTER:
        return None
    key = Key(owner["kind"], resource["metadata"]["namespace"], owner["name"])
    return store.get(key) if store.has(key, owner["uid"]) else None


def _without_cluster(store: Store, resource: Object, known: list[str]) -> dict[str, tuple[Object, ...]]:
    """Pods of a run whose cluster is gone already, or was made by its flow, by that cluster's uid.

    A label is anybody's to write: a pod that no DaskCluster controls, or that one controls which is none of
    this run's, is none of its own. One whose cluster is gone is, and then goes by itself.
    """
    run = key_of(resource)
    found: dict[str, tuple[Object, ...]] = {}
    made = {body["metadata"]["uid"] for body in _made_by_flow(store, run, known[0])}
    for body in store.of_run(run):
        owner = controller_of(body) or {}
        if body["kind"] != "Pod" or owner.get("kind") != DASK_CLUSTER or owner["uid"] in known:
            continue
        uid = owner["uid"]
        if uid in made or not store.has(Key(DASK_CLUSTER, run.namespace, owner["name"]), uid):
            found[uid] = (*found.get(uid, ()), body)
    return found | dict(_of_claimed(store, resource, known))


def _of_claimed(store: Store, run: Object, known: list[str]) -> Iterator[tuple[str, tuple[Object, ...]]]:
    """The same of clusters that had waited: their pods have no label of the run in the first seconds."""
    for attempt in (run.get("status") or {}).get("attempts") or ():
        uid = attempt.get("clusterUid")
        if attempt.get("claim") is None or uid is None or uid in known:
            continue
        if not store.has(Key(DASK_CLUSTER, run["metadata"]["namespace"], attempt["cluster"]), uid):
            gone = {"metadata": {"namespace": run["metadata"]["namespace"], "uid": uid}}
            if pods := tuple(each for each in store.owned_by(gone) if each["kind"] == "Pod"):
                yield uid, pods


def _made_by_flow(store: Store, run: Key, uid: str) -> Iterator[Object]:
    """DaskClusters that this run owns without controlling them."""
    for body in store.of_run(run):
        owners = body["metadata"].get("ownerReferences") or ()
        if body["kind"] == DASK_CLUSTER and any(owner["uid"] == uid for owner in owners):
            yield body
