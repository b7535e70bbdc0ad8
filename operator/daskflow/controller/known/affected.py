"""Which keys are to be reconciled when an object has come, changed or gone."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from daskflow.api.dask_kubernetes.names import AUTOSCALER, CLUSTER, WORKER_GROUP, default_group
from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.known.indexes import Indexes, cluster_ref, run_of
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object


def affected(
    get: Callable[[Key], Object | None], key: Key, body: Object, before: Object | None = None
) -> list[Key]:
    """Those whose plans rest on the object and its status: itself, its owners, the run that its label names.

    An owner's owner as well, of pods of a run's cluster; a schedule only by how its runs, and
    clusters that it has made ahead, get on.

    `before` is the same object as it was, if it was known.
    """
    found = [key] if KINDS[key.kind].seen == "custom" else []
    run = run_of(body)
    owner: Mapping[str, Any] | None = controller_of(body)
    for above in range(2):
        if owner is None or owner["kind"] not in KINDS or KINDS[owner["kind"]].seen != "custom":
            break
        if owner["kind"] == FLOW_SCHEDULE and (above or not _got_on(before, body)):
            break
        key = Key(owner["kind"], key.namespace, owner["name"])
        found.append(key)
        body_of_owner = get(key)
        owner = None if body_of_owner is None else controller_of(body_of_owner)
    if run is not None and run not in found:
        found.append(run)
    return found


def also_affected(indexes: Indexes, key: Key, body: Object, before: Object | None) -> Iterator[Key]:
    """Runs that use a cluster without owning it; and the cluster of a run whose open attempt is another, or
    those of a pool or schedule that was not known yet: without its owner nothing is made of a cluster.

    Of dask-kubernetes' kinds also whoever is of the same cluster and looks at this: groups and autoscalers at
    its scheduler, autoscalers at its own group and at who else is one.
    """
    yield from indexes.users(key)
    yield from indexes.pools.affected(key, body, before)
    owner = controller_of(body)
    if key.kind in (WORKER_GROUP, AUTOSCALER):
        yield from _autoscalers(indexes, key, body, before)
    elif owner is not None and owner["kind"] == CLUSTER:
        yield from indexes.users(Key(CLUSTER, key.namespace, owner["name"]))
    attempt = key.kind == FLOW_RUN and _open_attempt(body) != _open_attempt(before)
    if attempt or (before is None and key.kind in (CLUSTER_POOL, FLOW_SCHEDULE)):
        yield from (each for each in indexes.owned_by(body) if each.kind == DASK_CLUSTER)


def _autoscalers(indexes: Indexes, key: Key, body: Object, before: Object | None) -> Iterator[Key]:
    """Those that look at this group or autoscaler. There may be thousands: what none looks at wakes none."""
    cluster = cluster_ref(body)
    if cluster is None:
        return
    if key.kind == WORKER_GROUP:
        seen = key.name == default_group(cluster.name)
    else:
        seen = before is None or _stays(before) != _stays(body)
    if seen:
        yield from (each for each in indexes.users(cluster) if each.kind == AUTOSCALER)


def _stays(autoscaler: Object) -> object:
    return cluster_ref(autoscaler), "deletionTimestamp" in autoscaler["metadata"]


def _open_attempt(run: Object | None) -> object:
    """Of a run: its open attempt's number and cluster, by which that cluster is given pods; None without."""
    attempts = ((run or {}).get("status") or {}).get("attempts") or ({"endTime": "never begun"},)
    last = attempts[-1]
    return None if last.get("endTime") else (last.get("number"), last.get("clusterUid"))


def _got_on(before: Object | None, now: Object) -> bool:
    """Whether a schedule's FlowRun or DaskCluster came, went or got on in its life."""
    return before is None or _stage(before) != _stage(now)


def _stage(child: Object) -> tuple[object, ...]:
    """Of a cluster made ahead with its trouble, which its schedule tells; runs tell theirs themselves."""
    status = child.get("status") or {}
    reason = status.get("reason") if child["kind"] == DASK_CLUSTER else None
    return status.get("phase"), reason, "deletionTimestamp" in child["metadata"]
