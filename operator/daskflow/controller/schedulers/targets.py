"""Whom the operator asks: schedulers of clusters whose run tells its progress, or that are being scaled."""

from dataclasses import dataclass
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.names import FLOW_RUN, SCHEDULER
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.objects import unpacked
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.controller.schedulers.wire import Listener
from daskflow.plan.model import Key, Object
from daskflow.plan.pod.pod import Pod


@dataclass(frozen=True)
class Target:
    """What one conversation is with: when any of it changes, it is over.

    `key` and `uid` are the DaskCluster's. `run` and `run_uid` are those of the FlowRun that is told how far
    it is, None and "" where there is none to tell.
    """

    key: Key
    uid: str
    scheduler_uid: str
    listener: Listener
    run: Key | None
    run_uid: str


def target_of(store: Store, key: Key, *, scaled: bool) -> Target | None:
    """Who is to be polled for this DaskCluster, `scaled` or for its run's sake: its one scheduler.

    The address is that of the very pod that the cluster's status names by uid, and that the cluster controls.
    """
    cluster = store.get(key)
    if cluster is None or "deletionTimestamp" in cluster["metadata"]:
        return None
    run = _running(store, cluster)
    if run is None and not scaled:
        return None
    found = listener_of(store, cluster)
    if found is None:
        return None
    scheduler, listener = found
    return Target(key, listener.cluster_uid, scheduler, listener, *(run or (None, "")))


def listener_of(store: Store, cluster: Object) -> tuple[str, Listener] | None:
    """The uid of this DaskCluster's one scheduler, and where it listens; None while it does not."""
    made = ((cluster.get("status") or {}).get("scheduler") or {}).get("uid")
    body = next((each for each in store.owned_by(cluster) if each["metadata"]["uid"] == made), None)
    if body is None:
        return None
    scheduler = Pod(body)
    ip = scheduler.status.get("podIP")
    if scheduler.component != SCHEDULER or not scheduler.started or scheduler.deleting or not ip:
        return None
    security = unpacked(cluster)["spec"].get("security") or {}
    tls = (security.get("tls") or {}).get("mode") != "Disabled"
    meta = cluster["metadata"]
    return scheduler.uid, Listener(ip, meta["uid"], instant(meta["creationTimestamp"]), tls)


def _running(store: Store, cluster: Object) -> tuple[Key, str] | None:
    """The run whose flow runs on this cluster, if one does, with its uid."""
    owner = controller_of(cluster) or {}
    if owner.get("kind") != FLOW_RUN:
        return None
    key = Key(FLOW_RUN, cluster["metadata"]["namespace"], owner["name"])
    run = store.get(key)
    if run is None or run["metadata"]["uid"] != owner["uid"] or "deletionTimestamp" in run["metadata"]:
        return None
    status: dict[str, Any] = run.get("status") or {}
    present = (status.get("cluster") or {}).get("name") == cluster["metadata"]["name"]
    return (key, owner["uid"]) if present and status.get("phase") == "Running" else None
