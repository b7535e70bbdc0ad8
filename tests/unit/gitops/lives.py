"""FlowRuns and DaskClusters in every phase, as the API server would show them.

Each is brought there by the real planner. A name is the phase and, after a comma, what is special about it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.crd import KINDS
from daskflow.api.names import API_VERSION, DASK_CLUSTER
from daskflow.manifests.naming import base_name, secret_name
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.model import Key, Observed, Refusal

from tests.unit.plan.cluster.stage import SERVICE, dressed
from tests.unit.plan.stage import NOW, SETTINGS, Stage, failed, opened, pod, run, succeeded

Resource = Mapping[str, Any]


def default_status(kind: str) -> dict[str, Any]:
    """The status that the API server gives to a new object of this kind."""
    (definition,) = (each.definition for each in KINDS if each.name == kind)
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return dict(schema["properties"]["status"]["default"])


def flow_runs() -> dict[str, Resource]:
    """A FlowRun in each of its phases."""
    fresh = Stage(run(status=default_status("FlowRun")))
    made = opened().with_scheduler(started=True).with_worker(0, started=True).with_worker(1, started=True)
    running = made.with_runner(started=True).later(seconds=2).applied()
    once_more = opened({"retries": {"limit": 1}})
    done = opened().with_runner(exit_code=0, message=succeeded()).applied()
    over = opened().with_runner(exit_code=1, message=failed()).applied()
    ended = made.with_runner(exit_code=143, message=failed("Terminated"))
    cancelled = ended.spec(cancel=True).applied()
    unpulled = {"reason": "ErrImagePull", "message": "not found"}
    suspended = fresh.spec(suspend=True).applied()
    later = {"retention": {"record": {"onSuccess": "30d"}}}
    stages = {
        "fresh": fresh,
        "Pending": suspended.spec(suspend=False).applied(),
        "Starting": fresh.applied(),
        "Starting, image not found yet": made.with_runner(phase="Pending", waiting=unpulled).applied(),
        "Running": running,
        "Running, spec changed": running.spec(**later),
        "Running, change seen": running.spec(**later).applied(),
        "Running, asked to end": running.spec(cancel=True).applied(),
        "Retrying": once_more.with_runner(exit_code=1, message=failed()).applied(),
        "Suspended": suspended,
        "Suspended, in an attempt": ended.spec(suspend=True).applied(),
        "Succeeded": done,
        "Succeeded, spec changed": done.spec(**later),
        "Succeeded, change seen": done.spec(**later).applied(),
        "Failed": over,
        "Failed, change seen": over.spec(**later).applied(),
        "Failed, spec not understood": Stage(run({"flow": {"script": 1}})).applied(),
        "Cancelled": cancelled,
        "Cancelled, wish taken back": cancelled.spec(cancel=False).applied(),
    }
    return {name: stage.resource for name, stage in stages.items()}


@dataclass(frozen=True)
class Cluster:
    """A standalone cluster of two workers, and the time."""

    resource: Resource
    now: datetime = NOW

    def applied(self, *pods: Resource, **seen: Any) -> "Cluster":
        """With the status that the real planner writes once it sees these pods beside Service and Secret."""
        created = frozenset({Key("Secret", "data", secret_name(_BASE, SETTINGS.root_key, _UID))})
        children = dressed((_SERVICE, *pods), self.resource, _BASE)
        observed = Observed(children=children, created=created, **seen)
        status = daskcluster.plan(self.resource, observed, self.now, SETTINGS).status
        resource = self.resource if status is None else {**self.resource, "status": status}
        return replace(self, resource=resource)

    def spec(self, **changes: Any) -> "Cluster":
        """The same with these fields of the spec changed by its user."""
        metadata = {**self.resource["metadata"], "generation": self.resource["metadata"]["generation"] + 1}
        resource = {**self.resource, "metadata": metadata, "spec": {**self.resource["spec"], **changes}}
        return replace(self, resource=resource)

    def later(self, **span: float) -> "Cluster":
        """The same, some time later."""
        return replace(self, now=self.now + timedelta(**span))


_UID = "cluster-uid"
_BASE = base_name("shared", _UID)
_SERVICE = {**SERVICE, "metadata": {**SERVICE["metadata"], "name": _BASE}}


def dask_clusters() -> dict[str, Resource]:
    """A DaskCluster in each of its phases."""
    fresh = Cluster(
        {
            "apiVersion": API_VERSION,
            "kind": DASK_CLUSTER,
            "metadata": {
                "name": "shared",
                "namespace": "data",
                "uid": _UID,
                "generation": 1,
                "creationTimestamp": timestamp(NOW),
            },
            "spec": {"image": "flows:1", "workers": {"replicas": 2}},
            "status": default_status("DaskCluster"),
        }
    )
    full = (_scheduler(started=True), _worker(0, started=True), _worker(1, started=True))
    starting = fresh.applied(_scheduler(), _worker(0), _worker(1))
    ready = starting.applied(*full)
    more = ready.spec(workers={"replicas": 3})
    quota = Refusal(Key("Pod", "data", f"{_BASE}-scheduler"), 403, "exceeded quota: small")
    dying = (_worker(ordinal, exit_code=1, message="No module named 'numpy'") for ordinal in range(8))
    spare = (_worker(8), _worker(9))
    stopped = starting.later(minutes=5).applied(
        _scheduler(exit_code=0, message={"reason": "LeaseNeverTaken"})
    )
    lost = starting.applied()
    stopping = ready.spec(suspend=True).applied(*full)
    suspended = stopping.applied()
    idle = ready.later(minutes=5).applied(_scheduler(exit_code=0, message={"reason": "IdleTimeout"}))
    clusters = {
        "fresh": fresh,
        "Pending": fresh.applied(refusals=(quota,)),
        "Starting": starting,
        "Ready": ready,
        "Ready, spec changed": more,
        "Ready, change seen": ready.spec(workers={"replicas": 2, "patience": "1m"}).applied(*full),
        "Degraded, new worker on its way": more.later(minutes=1).applied(*full, _worker(2)),
        "Degraded, workers failing": starting.applied(_scheduler(started=True), *dying, *spare),
        "Stopping": stopping,
        "Suspended": suspended,
        "Suspended, resumed": suspended.spec(suspend=False),
        "Stopped": stopped,
        "Stopped, idle for too long": idle,
        "Stopped, change seen": stopped.spec(workers={"replicas": 3}).applied(),
        "Failed": lost,
        "Failed, change seen": lost.spec(workers={"replicas": 3}).applied(),
    }
    return {name: cluster.resource for name, cluster in clusters.items()}


def _scheduler(**state: Any) -> dict[str, Any]:
    return pod(f"{_BASE}-scheduler", "scheduler", **state)


def _worker(ordinal: int, **state: Any) -> dict[str, Any]:
    return pod(f"{_BASE}-worker-{ordinal}", "worker", **state)


FLOW_RUNS = flow_runs()
DASK_CLUSTERS = dask_clusters()
