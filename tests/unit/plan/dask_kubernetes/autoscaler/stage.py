"""A stage for the policies of a DaskAutoscaler: it, its cluster, and what its scheduler asks for."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.plan.dask_kubernetes.autoscaler import life
from daskflow.plan.model import Answer, Observed, Plan

from tests.simulation.kubernetes.objects import merged
from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.strange import body
from tests.unit.plan.stage import NOW, SETTINGS

Resource = dict[str, Any]


def autoscaler(name: str = "lab", created: datetime = NOW, **spec: Any) -> Resource:
    """From 1 to 10 workers."""
    made = body("DaskAutoscaler", {**specs.AUTOSCALER, **spec}, name=name)
    meta = {**made["metadata"], "uid": f"scaler-{name}", "creationTimestamp": timestamp(created)}
    return {**made, "metadata": meta}


def cluster() -> Resource:
    """The one that it names."""
    made = body("DaskCluster", specs.CLUSTER)
    return {**made, "metadata": {**made["metadata"], "uid": "cluster"}}


def group(replicas: Any = 2) -> Resource:
    """The cluster's own workers."""
    spec = {**specs.WORKER_GROUP, "worker": {**specs.WORKER, "replicas": replicas}}
    return body("DaskWorkerGroup", spec, name="lab-default")


def scheduler(uid: str = "s", ready: str = "True") -> Resource:
    """The cluster's scheduler, as a kubelet has it."""
    state = {"name": "scheduler", "ready": True, "started": True, "state": {"running": {}}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "lab-scheduler",
            "namespace": "data",
            "uid": uid,
            "labels": {"dask.org/component": "scheduler"},
            "creationTimestamp": timestamp(NOW),
        },
        "spec": {"containers": [{"name": "scheduler"}]},
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.7",
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [state],
        },
    }


@dataclass(frozen=True)
class ScalerStage:
    """Each step answers a new stage."""

    resource: Resource = field(default_factory=autoscaler)
    cluster: Resource | None = field(default_factory=cluster)
    groups: tuple[Resource, ...] = field(default_factory=lambda: (group(),))
    rivals: tuple[Resource, ...] = ()
    pods: tuple[Resource, ...] = field(default_factory=lambda: (scheduler(),))
    answer: Answer | None = None
    now: datetime = NOW
    told: tuple[str, ...] = ()
    patches: int = 0
    """How many there have been."""

    def plan(self) -> Plan:
        """What the real planner says."""
        seen = Observed(
            reference=self.cluster,
            neighbours=(*self.groups, self.resource, *self.rivals),
            grandchildren={"cluster": self.pods} if self.cluster else {},
            answer=self.answer,
        )
        plan = life.plan(self.resource, seen, self.now, SETTINGS)
        assert not plan.overdue(self.now), plan
        return plan

    def settled(self) -> "ScalerStage":
        """All that the planner wants at this moment has been done."""
        stage = self
        for _ in range(8):
            plan = stage.plan()
            if not plan.acts:
                return stage
            resource = stage.resource if plan.status is None else {**stage.resource, "status": plan.status}
            groups = stage.groups
            for patch in plan.patches:
                if patch.uid == resource["metadata"]["uid"]:
                    resource = merged(resource, patch.body)
                groups = tuple(
                    merged(each, patch.body) if each["metadata"]["uid"] == patch.uid else each
                    for each in groups
                )
            events = (f"{each.reason}: {each.message}" for each in plan.events)
            stage = replace(
                stage,
                resource=resource,
                groups=groups,
                told=(*stage.told, *events),
                patches=stage.patches + len(plan.patches),
            )
        raise AssertionError(f"never settled: {stage.plan()}")

    def wants(self, demand: int | None, uid: str = "s", *, lost: bool = False) -> "ScalerStage":
        """The scheduler has answered this, and what follows has been done."""
        return replace(self, answer=Answer(uid, demand=demand, lost=lost)).settled()

    def later(self, seconds: float) -> "ScalerStage":
        """So much later, asked every two seconds, with the same answer."""
        stage = self
        until = self.now + timedelta(seconds=seconds)
        while stage.now < until:
            stage = replace(stage, now=min(until, stage.now + timedelta(seconds=2))).settled()
        return stage

    @property
    def replicas(self) -> Any:
        """The number of the cluster's own workers."""
        return self.groups[0]["spec"]["worker"]["replicas"]

    @property
    def status(self) -> Resource:
        """The autoscaler's."""
        status: Resource = self.resource.get("status") or {}
        return status
