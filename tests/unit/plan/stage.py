"""A stage for policies: a FlowRun and its children as the API server would show them, in a few words."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun import spec_of
from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN
from daskflow.manifests.cluster import dask_cluster
from daskflow.manifests.naming import base_name, cluster_name, runner_name, scheduler_name, worker_name
from daskflow.manifests.objects import owner_reference
from daskflow.manifests.settings import Settings
from daskflow.plan.hand_edits import follows
from daskflow.plan.model import Object, Observed, Plan
from daskflow.plan.run import life as flowrun

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SETTINGS = Settings(root_key=b"k" * 32, runtime=b"zip")
ALONE = {"cluster": {"workers": {"replicas": 0}}}
"""The spec of a run that needs no cluster."""
UID = "6f1c7a0e-0000-4000-8000-000000000001"


def run(
    spec: dict[str, Any] | None = None, status: dict[str, Any] | None = None, **metadata: Any
) -> dict[str, Any]:
    """A FlowRun of one line of Python."""
    return {
        "apiVersion": API_VERSION,
        "kind": FLOW_RUN,
        "metadata": {
            "name": "etl",
            "namespace": "data",
            "uid": UID,
            "generation": 1,
            "resourceVersion": "1",
            "creationTimestamp": timestamp(NOW),
            **metadata,
        },
        "spec": {"image": "flows:1", "flow": {"script": "result = 1"}, **(spec or {})},
        "status": status or {},
    }


DELETED = {"deletionTimestamp": timestamp(NOW), "finalizers": ["example.com/archive"]}
"""Metadata of what was deleted and is kept by somebody's finalizer."""


@dataclass(frozen=True)
class Stage:
    """A run, what is observed around it, and the time. Each step answers a new stage."""

    resource: dict[str, Any] = field(default_factory=run)
    children: tuple[dict[str, Any], ...] = ()
    members: tuple[dict[str, Any], ...] = ()
    now: datetime = NOW
    more: dict[str, Any] = field(default_factory=dict)

    def plan(self) -> Plan:
        """What the real planner says."""
        grandchildren = {
            child["metadata"]["uid"]: self.members for child in self.children if child["kind"] == DASK_CLUSTER
        }
        children = tuple(map(self._dressed, self.children))
        seen = Observed(children=children, grandchildren=grandchildren, **self.more)
        plan = flowrun.plan(self.resource, seen, self.now, SETTINGS)
        assert not plan.overdue(self.now), plan
        return plan

    def _dressed(self, child: dict[str, Any]) -> dict[str, Any]:
        """A runner's pod with labels and owner as the operator makes it; what is there already stays."""
        meta = child["metadata"]
        if child["kind"] != "Pod":
            return child
        number = meta["name"].removesuffix("-runner").rpartition("-")[2]
        labels = {
            "app.kubernetes.io/managed-by": "daskflow",
            "daskflow.dev/run": "etl",
            "daskflow.dev/attempt": number,
            "daskflow.dev/cluster": meta["name"].removesuffix("-runner"),
            **meta["labels"],
        }
        owners = [owner_reference(self.resource)]
        return {**child, "metadata": {"ownerReferences": owners, **meta, "labels": labels}}

    def applied(self) -> "Stage":
        """The stage with the plan's status written; an operator that hears of it late must not undo it."""
        status = self.plan().status
        assert status is None or follows(FLOW_RUN, self.resource.get("status") or {}, status)
        return self if status is None else replace(self, resource={**self.resource, "status": status})

    def later(self, **span: float) -> "Stage":
        """The same, some time later."""
        return replace(self, now=self.now + timedelta(**span))

    def spec(self, **changes: Any) -> "Stage":
        """The same with these fields of the spec changed by its user."""
        generation = self.resource["metadata"]["generation"] + 1
        metadata = {**self.resource["metadata"], "generation": generation}
        spec = {**self.resource["spec"], **changes}
        return replace(self, resource={**self.resource, "metadata": metadata, "spec": spec})

    @property
    def status(self) -> dict[str, Any]:
        """The run's status."""
        status: dict[str, Any] = self.resource["status"]
        return status

    @property
    def attempt(self) -> dict[str, Any]:
        """The record of the last attempt."""
        last: dict[str, Any] = self.status["attempts"][-1]
        return last

    def with_cluster(self, *, journaled: bool = True, attempt: int = 1) -> "Stage":
        """The attempt's DaskCluster and Service; `journaled`: its scheduler is known to have been made."""
        made: dict[str, Any] = dask_cluster(self.resource, spec_of(self.resource), attempt)
        made["metadata"] |= {"uid": f"cluster-{attempt}", "creationTimestamp": timestamp(NOW)}
        made["status"] = {"phase": "Starting", "scheduler": {"pod": "s", "uid": "s"}} if journaled else {}
        service = {"kind": "Service", "metadata": {"name": "x"}, "spec": {"clusterIP": "10.1.2.3"}}
        stage = replace(self, children=(*self.children, made), members=(*self.members, service))
        return stage.record(clusterUid=f"cluster-{attempt}") if journaled else stage

    def record(self, **changes: Any) -> "Stage":
        """The same with these fields of the last attempt's record written down, or (None) not."""
        *earlier, last = self.status["attempts"]
        record = {name: value for name, value in {**last, **changes}.items() if value is not None}
        return replace(
            self, resource={**self.resource, "status": {**self.status, "attempts": [*earlier, record]}}
        )

    def with_scheduler(self, **state: Any) -> "Stage":
        """The scheduler's pod; see `pod`."""
        name = scheduler_name(cluster_name("etl", UID, 1))
        return replace(self, members=(*self.members, pod(name, "scheduler", **{"uid": "s", **state})))

    def with_worker(self, ordinal: int = 0, **state: Any) -> "Stage":
        """A worker's pod; see `pod`."""
        name = worker_name(base_name("etl", UID, 1), ordinal)
        return replace(self, members=(*self.members, pod(name, "worker", **state)))

    def with_runner(self, attempt: int = 1, **state: Any) -> "Stage":
        """The runner's pod; see `pod`."""
        return replace(
            self, children=(*self.children, pod(runner_name("etl", UID, attempt), "runner", **state))
        )

    def without_runner(self) -> "Stage":
        """The runner's pod was deleted."""
        return replace(self, children=tuple(child for child in self.children if child["kind"] != "Pod"))


def opened(spec: dict[str, Any] | None = None) -> Stage:
    """A run whose first attempt is open and whose cluster is being made."""
    return Stage(run(spec)).applied().with_cluster()


def running(workers: int = 2, runner: dict[str, Any] | None = None, **spec: Any) -> Stage:
    """A run whose flow has begun on all of its workers, with that in its status; `runner`: see `pod`."""
    stage = opened({"cluster": {"workers": {"replicas": workers}}, **spec}).with_scheduler(started=True)
    for ordinal in range(workers):
        stage = stage.with_worker(ordinal, started=True)
    return stage.with_runner(started=True, **(runner or {})).later(seconds=5).applied()


def another(uid: str, made: Object) -> dict[str, Any]:
    """The same object under another uid: one that was made later by that name."""
    return {**made, "metadata": {**made["metadata"], "uid": uid}}


def pod(
    name: str,
    component: str,
    *,
    phase: str = "Running",
    started: bool = False,
    exit_code: int | None = None,
    message: Any = "",
    why: str = "",
    waiting: dict[str, str] | None = None,
    conditions: tuple[dict[str, Any], ...] = (),
    status: dict[str, Any] | None = None,
    limit: str | None = None,
    at: datetime = NOW,
    **metadata: Any,
) -> dict[str, Any]:
    """A pod. With an `exit_code` its container has ended; `message` is its report, as text or as data."""
    running: dict[str, Any] = {"running": {"startedAt": timestamp(at)}}
    state = {"waiting": waiting} if waiting else running
    if exit_code is not None:
        phase = "Failed" if exit_code else "Succeeded"
        text = message if isinstance(message, str) else json.dumps({"v": 1, "role": component, **message})
        ended = {"exitCode": exit_code, "reason": why, "message": text, "finishedAt": timestamp(at)}
        state = {"terminated": {"startedAt": timestamp(at), **ended}}
    ready = {"type": "Ready", "status": "True" if started else "False", "lastTransitionTime": timestamp(at)}
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "data",
            "uid": f"uid-{name}",
            "labels": {"daskflow.dev/component": component},
            "creationTimestamp": timestamp(at),
            **metadata,
        },
        "spec": {"containers": [{"name": component, "resources": {"limits": {"memory": limit}}}]}
        if limit
        else {},
        "status": {
            "phase": phase,
            "startTime": timestamp(at),
            "conditions": [ready, *conditions],
            "containerStatuses": [
                {"name": component, "image": "flows:1", "started": started, "state": state}
            ],
            **(status or {}),
        },
    }


def succeeded(result: Any = 1) -> dict[str, Any]:
    """The runner's report of a success."""
    return {"outcome": "Succeeded", "begun": "2026-03-01T12:00:05Z", "result": result, "exitCode": 0}


def failed(reason: str = "FlowFailed", *, begun: bool = True, **more: Any) -> dict[str, Any]:
    """The runner's report of a failure."""
    at = "2026-03-01T12:00:05Z" if begun else None
    return {
        "outcome": "Failed",
        "reason": reason,
        "message": f"{reason}.",
        "begun": at,
        "exitCode": 1,
        **more,
    }


def kinds(objects: tuple[Object, ...]) -> list[str]:
    """What a plan creates, in short."""
    return [item["kind"] for item in objects]
