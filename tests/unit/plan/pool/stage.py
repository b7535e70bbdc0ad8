"""A stage for the policies of a ClusterPool: the pool, its clusters, and the time."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import API_VERSION, CLUSTER_POOL
from daskflow.manifests.objects import child_metadata
from daskflow.manifests.settings import Settings
from daskflow.plan.hand_edits import follows
from daskflow.plan.model import Object, Observed, Plan
from daskflow.plan.pool import life as clusterpool

from tests.unit.plan.stage import NOW, SETTINGS

UID = "6f1c7a0e-0000-4000-8000-000000000003"
Resource = dict[str, Any]
TEMPLATE = {"spec": {"image": "flows:1", "cluster": {"workers": {"replicas": 1}}}}
WAITS = {
    "phase": "Ready",
    "scheduler": {"pod": "s", "uid": "s"},
    "standby": {"parked": True},
}


def pool(spec: Resource | None = None, **metadata: Any) -> Resource:
    """Two clusters of one worker."""
    return {
        "apiVersion": API_VERSION,
        "kind": CLUSTER_POOL,
        "metadata": {
            "name": "small",
            "namespace": "data",
            "uid": UID,
            "generation": 1,
            "resourceVersion": "1",
            "creationTimestamp": timestamp(NOW),
            **metadata,
        },
        "spec": {"ready": 2, "template": TEMPLATE, **(spec or {})},
        "status": {},
    }


@dataclass(frozen=True)
class PoolStage:
    """Each step answers a new stage."""

    resource: Resource = field(default_factory=pool)
    units: tuple[Resource, ...] = ()
    now: datetime = NOW
    more: dict[str, Any] = field(default_factory=dict)
    settings: Settings = SETTINGS

    def plan(self) -> Plan:
        """What the real planner says."""
        plan = clusterpool.plan(
            self.resource, Observed(children=self.units, **self.more), self.now, self.settings
        )
        assert not plan.overdue(self.now), plan
        return plan

    def settled(self) -> "PoolStage":
        """All that the planner wants at this moment has been done, as the controller does it."""
        stage = self
        for _ in range(8):
            plan = stage.plan()
            if not plan.acts:
                return stage
            stage = stage.applied(plan)
        raise AssertionError(f"never settled: {stage.plan()}")

    def applied(self, plan: Plan) -> "PoolStage":
        """With the plan carried out."""
        before = self.resource.get("status") or {}
        assert plan.status is None or follows(CLUSTER_POOL, before, plan.status)
        resource = self.resource if plan.status is None else {**self.resource, "status": dict(plan.status)}
        gone = {delete.key.name for delete in plan.deletes}
        kept = tuple(unit for unit in self.units if unit["metadata"]["name"] not in gone)
        return replace(
            self, resource=resource, units=(*kept, *(_stored(body, self.now) for body in plan.creates))
        )

    def later(self, **span: float) -> "PoolStage":
        """The same, some time later."""
        return replace(self, now=self.now + timedelta(**span))

    def waiting(self, *which: int) -> "PoolStage":
        """These clusters, or all, wait."""
        return self.with_status(WAITS, *which)

    def with_status(self, status: Resource, *which: int) -> "PoolStage":
        """These clusters, or all, have this status."""
        units = tuple(
            {**unit, "status": status} if not which or number in which else unit
            for number, unit in enumerate(self.units)
        )
        return replace(self, units=units)

    def spec(self, **changes: Any) -> "PoolStage":
        """The same with these fields changed by its user."""
        metadata = {**self.resource["metadata"], "generation": self.resource["metadata"]["generation"] + 1}
        spec = {**self.resource["spec"], **changes}
        return replace(self, resource={**self.resource, "metadata": metadata, "spec": spec})

    def claimed(self, index: int, *, begun: bool = False) -> "PoolStage":
        """A run has claimed this cluster; `begun`: its flow runs there."""
        unit = self.units[index]
        run = claimant(unit, begun=begun)
        taken = {**unit, "metadata": {**unit["metadata"], **_owned(run, unit)}}
        more = {
            **self.more,
            "claimed": (*self.more.get("claimed", ()), taken),
            "claimants": (*self.more.get("claimants", ()), run),
        }
        return replace(self, units=self.units[:index] + self.units[index + 1 :], more=more)

    @property
    def status(self) -> Resource:
        """The pool's status."""
        status: Resource = self.resource["status"]
        return status

    @property
    def names(self) -> list[str]:
        """Numbers of its clusters."""
        return [unit["metadata"]["name"].rpartition("-")[2] for unit in self.units]

    def condition(self, type_: str) -> Resource | None:
        """One of its conditions."""
        found = (each for each in self.status.get("conditions", ()) if each["type"] == type_)
        return next(found, None)


def claimant(unit: Object, *, begun: bool = False) -> Resource:
    """A run that has this cluster."""
    attempt = {
        "number": 1,
        "cluster": unit["metadata"]["name"],
        "clusterUid": unit["metadata"]["uid"],
        "startTime": timestamp(NOW),
        **({"flowStartTime": timestamp(NOW)} if begun else {}),
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "FlowRun",
        "metadata": {"name": "etl", "namespace": "data", "uid": "run"},
        "status": {"phase": "Starting", "attempts": [attempt]},
    }


def _owned(run: Object, unit: Object) -> Resource:
    return {
        name: value
        for name, value in child_metadata(run, unit["metadata"]["name"], {}).items()
        if name in ("annotations", "ownerReferences")
    }


def _stored(body: Object, now: datetime) -> Resource:
    name = body["metadata"]["name"]
    metadata = {
        **body["metadata"],
        "uid": f"uid-{name}",
        "creationTimestamp": timestamp(now),
        "resourceVersion": "5",
    }
    return {**body, "metadata": metadata, "status": {}}


def full(**spec: Any) -> PoolStage:
    """A pool whose clusters wait."""
    return PoolStage(pool(spec)).settled().waiting().settled()
