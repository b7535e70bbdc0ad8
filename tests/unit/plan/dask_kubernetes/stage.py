"""A stage for the lives of dask-kubernetes' kinds: an object, its pods as a kubelet has them, the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.plan.dask_kubernetes.cluster import life as cluster
from daskflow.plan.dask_kubernetes.worker_group import life as worker_group
from daskflow.plan.model import Answer, Observed, Plan

from tests.simulation.kubernetes.objects import merged
from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.strange import body
from tests.unit.plan.stage import NOW, SETTINGS

Object = dict[str, Any]
PLANS = {"DaskCluster": cluster.plan, "DaskWorkerGroup": worker_group.plan}
OLD = NOW - timedelta(hours=1)


def running(pod: Object, since: datetime = OLD, **status: Any) -> Object:
    """A pod whose container runs and is ready."""
    name = pod["spec"]["containers"][0]["name"]
    state = {"name": name, "ready": True, "started": True, "state": {"running": {}}}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": timestamp(since)}
    told = {
        "phase": "Running",
        "startTime": timestamp(since),
        "podIP": "10.0.0.7",
        "containerStatuses": [state],
        "conditions": [ready],
    }
    return {**pod, "status": {**told, **status}}


def ended(pod: Object, at: datetime, code: int = 1, message: str = "") -> Object:
    """A pod that has ended for good."""
    over = {"exitCode": code, "finishedAt": timestamp(at), "startedAt": timestamp(at), "message": message}
    name = pod["spec"]["containers"][0]["name"]
    return {
        **pod,
        "status": {
            "phase": "Failed" if code else "Succeeded",
            "containerStatuses": [{"name": name, "state": {"terminated": over}}],
        },
    }


@dataclass(frozen=True)
class Stage:
    """Each step answers a new stage. `children` by kind and name."""

    resource: Object
    children: Mapping[tuple[str, str], Object] = field(default_factory=dict)
    now: datetime = NOW
    more: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[tuple[str, str], ...] = ()
    """Reason and message of all that was told."""
    made: tuple[str, ...] = ()
    """The names of all children that were ever made."""

    def plan(self) -> Plan:
        """What the real planner says."""
        seen = Observed(children=tuple(self.children.values()), **self.more)
        found = PLANS[self.resource["kind"]](self.resource, seen, self.now, SETTINGS)
        assert not found.overdue(self.now), found
        return found

    def settled(self) -> "Stage":
        """After all plans until there is nothing to do; kubelets do nothing meanwhile."""
        stage = self
        for _ in range(8):
            plan = stage.plan()
            if not plan.acts:
                return stage
            stage = stage._applied(plan)
        raise AssertionError(f"never settled: {stage.plan()}")

    def _applied(self, plan: Plan) -> "Stage":
        children = dict(self.children)
        resource = self.resource if plan.status is None else {**self.resource, "status": plan.status}
        for made in plan.creates:
            name = made["metadata"]["name"]
            number = self.made.count(name)
            meta = {**made["metadata"], "uid": f"uid-{name}-{number}", "resourceVersion": "1"}
            children[made["kind"], name] = {
                **made,
                "metadata": {**meta, "creationTimestamp": timestamp(self.now)},
                "status": {},
            }
        for patch in plan.patches:
            if patch.uid == resource["metadata"]["uid"]:
                resource = merged(resource, patch.body)
            else:
                key = patch.key.kind, patch.key.name
                children[key] = merged(children[key], patch.body)
        for delete in plan.deletes:
            children.pop((delete.key.kind, delete.key.name), None)
        told = tuple((event.reason, event.message) for event in plan.events)
        names = (*self.made, *(made["metadata"]["name"] for made in plan.creates))
        events = (*self.events, *told)
        return replace(self, resource=resource, children=children, events=events, made=names)

    def change(self, **spec: Any) -> "Stage":
        """The user changes the spec."""
        meta = {**self.resource["metadata"], "generation": self.resource["metadata"]["generation"] + 1}
        changed = {**self.resource, "metadata": meta, "spec": merged(self.resource["spec"], spec)}
        return replace(self, resource=changed)

    def run(self, *, since: datetime = OLD) -> "Stage":
        """All pods that wait run."""
        pods = {
            key: running(each, since) if key[0] == "Pod" and not each["status"] else each
            for key, each in self.children.items()
        }
        return replace(self, children=pods)

    def put(self, child: Object) -> "Stage":
        """A child in another state."""
        return replace(self, children={**self.children, (child["kind"], child["metadata"]["name"]): child})

    def without(self, kind: str, name: str) -> "Stage":
        """A child is gone."""
        return replace(
            self, children={key: each for key, each in self.children.items() if key != (kind, name)}
        )

    def later(self, **time: float) -> "Stage":
        """Time passes."""
        return replace(self, now=self.now + timedelta(**time))

    def with_(self, **more: Any) -> "Stage":
        """More that is observed."""
        return replace(self, more={**self.more, **more})

    def answered(self, **answer: Any) -> "Stage":
        """The scheduler has said so."""
        return self.with_(answer=Answer("uid-lab-scheduler-0", **answer))

    @property
    def status(self) -> Any:
        """What the status says."""
        return self.resource.get("status") or {}

    @property
    def pods(self) -> list[str]:
        """The names of pods that are there."""
        return sorted(name for kind, name in self.children if kind == "Pod")


def a_cluster(**spec: Any) -> Stage:
    """A DaskCluster as its client sends it."""
    return Stage(body("DaskCluster", merged(specs.CLUSTER, spec)))


def a_group(replicas: int = 2, cluster_stage: Stage | None = None) -> Stage:
    """A DaskWorkerGroup of a cluster that is there, with its scheduler."""
    whole = cluster_stage or a_cluster().settled().run().settled()
    made = body(
        "DaskWorkerGroup", merged(specs.WORKER_GROUP, {"worker": {"replicas": replicas}}), name="lab-x"
    )
    members = {whole.resource["metadata"]["uid"]: tuple(whole.children.values())}
    return Stage(made).with_(reference=whole.resource, grandchildren=members)
