"""What ClusterPools look at beside their own clusters: who has claimed one, waits for one, or has no room.

Keys only; the Store has the objects.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, LABEL_POOL, OF_SCHEDULE
from daskflow.api.reasons import Reason
from daskflow.controller.known.index import Index
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.model import Key, Object
from daskflow.plan.pod.placing import room_would_help

_LOOKED_AT = (FLOW_RUN, DASK_CLUSTER, CLUSTER_POOL)
_ROOMLESS = (Reason.QUOTA_EXCEEDED.value, Reason.UNSCHEDULABLE.value)


def pool_ref(run: Object) -> Key | None:
    """The ClusterPool that a run names whose attempt is yet to be opened."""
    if run["kind"] != FLOW_RUN or (run.get("status") or {}).get("completionTime") or _open(run) is not None:
        return None
    name = ((run.get("spec") or {}).get("pool") or {}).get("name")
    return Key(CLUSTER_POOL, run["metadata"]["namespace"], name) if name else None


def claimed_from(body: Object) -> Key | None:
    """The ClusterPool that made this DaskCluster, where a run has it now."""
    name = (body["metadata"].get("labels") or {}).get(LABEL_POOL)
    if body["kind"] != DASK_CLUSTER or not name or name.startswith(OF_SCHEDULE):
        return None
    if (controller_of(body) or {}).get("kind") != FLOW_RUN:
        return None
    return Key(CLUSTER_POOL, body["metadata"]["namespace"], name)


class Pools:
    """By what each of these is of."""

    def __init__(self) -> None:
        self._waiting = Index[Key]()
        self._claimed = Index[Key]()
        self._roomless = Index[str]()
        self._pools = Index[str]()

    def put(self, key: Key, body: Object) -> None:
        """It is not in here yet; see `remove`."""
        if key.kind not in _LOOKED_AT:
            return
        self._waiting.add(pool_ref(body), key)
        self._claimed.add(claimed_from(body), key)
        self._roomless.add(_roomless_in(body), key)
        self._pools.add(_pool_in(key), key)

    def remove(self, key: Key, body: Object) -> None:
        """`body` is what was put last."""
        if key.kind not in _LOOKED_AT:
            return
        self._waiting.remove(pool_ref(body), key)
        self._claimed.remove(claimed_from(body), key)
        self._roomless.remove(_roomless_in(body), key)
        self._pools.remove(_pool_in(key), key)

    def claimed(self, pool: Key) -> Collection[Key]:
        """Its DaskClusters that runs have now."""
        return self._claimed.at(pool)

    def roomless(self, namespace: str) -> Collection[Key]:
        """Runs with an open attempt whose pods are refused by a quota, or find no node."""
        return self._roomless.at(namespace)

    def affected(self, key: Key, body: Object, before: Object | None) -> Iterator[Key]:
        """Pools that look at this object, and runs that look at this pool or at a cluster that waits."""
        if key.kind == CLUSTER_POOL:
            yield from self._waiting.at(key)
        elif key.kind == DASK_CLUSTER:
            owner = controller_of(body) or {}
            if owner.get("kind") == CLUSTER_POOL:
                yield from self._waiting.at(Key(CLUSTER_POOL, key.namespace, owner["name"]))
            if (pool := claimed_from(body)) is not None and (before is None or claimed_from(before) is None):
                yield pool
        elif key.kind == FLOW_RUN:
            if before is None or _roomless_in(before) != _roomless_in(body):
                yield from self._pools.at(key.namespace)
            if (name := _begun_with(body)) and name != _begun_with(before):
                yield Key(CLUSTER_POOL, key.namespace, name)


def _open(run: Object | None) -> Mapping[str, Any] | None:
    status: Mapping[str, Any] = (run or {}).get("status") or {}
    attempts: Sequence[Mapping[str, Any]] = status.get("attempts") or ({"endTime": "none"},)
    last = attempts[-1]
    return None if last.get("endTime") else last


def _begun_with(run: Object | None) -> str:
    """The pool whose cluster a run's flow has begun on; it may make the next then."""
    attempts: Sequence[Mapping[str, Any]] = ((run or {}).get("status") or {}).get("attempts") or ({},)
    last = attempts[-1]
    begun = last.get("flowStartTime") or last.get("endTime")
    return str((last.get("claim") or {}).get("pool") or "") if begun else ""


def _roomless_in(body: Object) -> str | None:
    """The namespace of a run that has no room."""
    status = body.get("status") or {}
    if body["kind"] != FLOW_RUN or status.get("reason") not in _ROOMLESS:
        return None
    if not room_would_help(str(status.get("message"))):
        return None
    last = _open(body)
    begun = last is None or last.get("flowStartTime")
    return None if begun else str(body["metadata"]["namespace"])


def _pool_in(key: Key) -> str | None:
    return key.namespace if key.kind == CLUSTER_POOL else None
