"""The fixed words of the API: group, kinds, labels, container and port names."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.dask_kubernetes import names as dask_kubernetes

GROUP = "daskflow.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

FLOW_RUN = "FlowRun"
DASK_CLUSTER = "DaskCluster"
FLOW_SCHEDULE = "FlowSchedule"
CLUSTER_POOL = "ClusterPool"

LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGED_BY = "daskflow"
"""Value of `app.kubernetes.io/managed-by` on every child of ours: what the operator's watches select on."""

LABEL_RUN = f"{GROUP}/run"
LABEL_CLUSTER = f"{GROUP}/cluster"
LABEL_COMPONENT = f"{GROUP}/component"
LABEL_GROUP = f"{GROUP}/group"
LABEL_ATTEMPT = f"{GROUP}/attempt"
LABEL_SCHEDULE = f"{GROUP}/schedule"
"""On a run: the FlowSchedule that made it, or that it was made for by hand."""
LABEL_SCHEDULED_TIME = f"{GROUP}/scheduled-time"
"""On a run: its tick, as 20260101T000000Z; labels take no colons."""
ANNOTATION_SCHEDULED_TIME = f"{GROUP}/scheduled-time"
"""On a run: its tick, as 2026-01-01T00:00:00Z."""
LABEL_INSTANTIATE = f"{GROUP}/instantiate"
"""On a run that somebody made from a schedule: `manual`, or `backfill` for a tick that has been."""
ANNOTATION_PREWARM = f"{GROUP}/prewarm"
"""On a FlowRun of a tick: its schedule starts clusters ahead of ticks."""
ANNOTATION_REPLACED_BY = f"{GROUP}/replaced-by"
"""On a run that a schedule has cancelled: the tick that it makes way for."""

LABEL_POOL = f"{GROUP}/pool"
"""On a DaskCluster and its pods: the ClusterPool that made it; it stays when a run has claimed it."""
OF_SCHEDULE = "schedule_"
"""Before a FlowSchedule's name in the label of a cluster that it has made ahead; no pool's name has a `_`."""
ANNOTATION_POOL_HASH = f"{GROUP}/pool-hash"
"""On a DaskCluster of a pool: what it was made from. One of another template is never claimed."""
ANNOTATION_POOL_RUNTIME = f"{GROUP}/pool-runtime"
"""On a DaskCluster of a pool: the runtime that its pods run. One of another is replaced in time."""

ANNOTATION_ENDING = f"{GROUP}/ending"
"""On a pod that the operator has asked to end: since when, as 2026-01-01T00:00:00Z."""

ANNOTATION_OWNER = f"{GROUP}/owner"
"""On a child: kind, name and uid of its owner, and its own name: what it is if its owner reference goes."""

GATE_JOURNAL = f"{GROUP}/journal"
"""The scheduling gate of a runner's pod that may start once its uid is in the run's status."""

SCHEDULER = "scheduler"
WORKER = "worker"
RUNNER = "runner"

PORT_SCHEDULER = 8786
PORT_CONTROL = 8788
"""The scheduler's control listener."""
PORT_READY = 8789
"""Accepts connections once a scheduler listens, a worker has registered, or a flow has begun."""


def kind_of(named: Mapping[str, Any]) -> str:
    """The kind by which the operator knows an object, or whom a reference names.

    The DaskCluster of dask-kubernetes has its group's name behind it: it shares its kind with ours.
    """
    kind = str(named["kind"])
    theirs = kind == DASK_CLUSTER and named.get("apiVersion") == dask_kubernetes.API_VERSION
    return dask_kubernetes.CLUSTER if theirs else kind


def word_of(kind: str) -> str:
    """The kind as the API server has it, of one that the operator knows."""
    return kind.partition(".")[0]
