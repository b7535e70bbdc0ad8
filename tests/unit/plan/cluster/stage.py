"""A stage for the policies of a DaskCluster: the cluster, its pods, its scheduler's word, the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import API_VERSION, DASK_CLUSTER
from daskflow.api.shared import NetworkPolicy
from daskflow.manifests.cluster import service
from daskflow.manifests.naming import base_name, secret_name, worker_name
from daskflow.manifests.network_policy import network_policy
from daskflow.manifests.objects import owner_reference
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.hand_edits import follows
from daskflow.plan.model import GroupOrder, Key, Observed, Occupied, Plan, Refusal, Scaling

from tests.unit.plan.stage import NOW, SETTINGS, pod

UID = "cluster-uid"
BASE = base_name("shared", UID)
SCHEDULER_UID = f"uid-{BASE}-scheduler"
OLD = NOW - timedelta(hours=1)
"""When its pods became ready, so that counts have settled."""
SERVICE: dict[str, Any] = {
    "kind": "Service",
    "metadata": {"name": BASE, "namespace": "data", "uid": "service", "labels": {}},
    "spec": {"clusterIP": "10.1.2.3"},
}
SECRET = frozenset({Key("Secret", "data", secret_name(BASE, SETTINGS.root_key, UID))})
"""What is there and cannot be read back."""
RUN = {"status": {"attempts": [{"number": 1, "cluster": "shared", "clusterUid": UID}]}}
OWNER = {"apiVersion": API_VERSION, "kind": "FlowRun", "name": "etl", "uid": "run", "controller": True}


@dataclass(frozen=True)
class Stage:
    """Each step answers a new stage. `pods` by name."""

    spec: Mapping[str, Any] = field(default_factory=lambda: {"workers": {"replicas": 2}})
    status: Mapping[str, Any] = field(default_factory=dict)
    pods: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    scaling: Scaling | None = None
    service: Mapping[str, Any] | None = field(default_factory=lambda: SERVICE)
    created: frozenset[Key] = SECRET
    refusals: tuple[Refusal, ...] = ()
    occupied: tuple[Occupied, ...] = ()
    now: datetime = NOW
    generation: int = 1
    leased: bool = False
    owner: Mapping[str, Any] | None = field(default_factory=lambda: RUN)
    defaults: Mapping[str, Any] | None = None
    """The ConfigMap with those of its namespace."""
    since: datetime = NOW
    """When it was created."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """More of its metadata."""

    def plan(self) -> Plan:
        """What the real planner says."""
        metadata: dict[str, Any] = {
            "name": "shared",
            "namespace": "data",
            "uid": UID,
            "resourceVersion": "7",
            "generation": self.generation,
            "creationTimestamp": timestamp(self.since),
            **self.more,
        }
        if self.leased:
            metadata["ownerReferences"] = [OWNER]
        resource = {
            "apiVersion": API_VERSION,
            "kind": DASK_CLUSTER,
            "metadata": metadata,
            "spec": {"image": "flows:1", **self.spec},
            "status": self.status,
        }
        children = (*((self.service,) if self.service else ()), *self.pods.values())
        seen = Observed(
            dressed(children, resource, BASE),
            created=self.created,
            refusals=self.refusals,
            occupied=self.occupied,
            scaling=self.scaling,
            defaults=self.defaults,
            owner=self.owner,
        )
        plan = daskcluster.plan(resource, seen, self.now, SETTINGS)
        assert not plan.overdue(self.now), plan
        return plan

    def applied(self) -> "Stage":
        """With statuses written and deletes done, until there is no more of either."""
        stage = self
        for _ in range(5):
            plan = stage.plan()
            if plan.status is None:
                return stage
            assert follows(DASK_CLUSTER, stage.status, plan.status)
            stage = replace(stage, status=plan.status)
        raise AssertionError("it never rests")

    def later(self, **span: float) -> "Stage":
        """The same, some time later."""
        return replace(self, now=self.now + timedelta(**span))

    def change(self, **changes: Any) -> "Stage":
        """These fields of the spec changed by its user."""
        return replace(self, spec={**self.spec, **changes}, generation=self.generation + 1)

    def hears(self, **said: Any) -> "Stage":
        """What its scheduler tells: see Scaling."""
        return replace(self, scaling=Scaling(SCHEDULER_UID, **said))

    def worker(self, ordinal: int, group: str = "default", **state: Any) -> "Stage":
        """A worker's pod, ready for long unless told otherwise."""
        name = worker_name(BASE, ordinal, group)
        labels = {"daskflow.dev/component": "worker", "daskflow.dev/group": group}
        made = pod(name, "worker", labels=labels, **{"started": True, "at": OLD, **state})
        return replace(self, pods={**self.pods, name: made})

    def retired(self, ordinal: int, group: str = "default") -> "Stage":
        """A worker that its scheduler let go."""
        return self.worker(ordinal, group, exit_code=0, message={"reason": "Retired"}, started=False)

    def with_pods(self, *pods: dict[str, Any]) -> "Stage":
        """The same with these pods and no others."""
        return replace(self, pods={each["metadata"]["name"]: each for each in pods})

    def without(self, *names: str) -> "Stage":
        """These pods are gone."""
        return replace(self, pods={name: each for name, each in self.pods.items() if name not in names})

    @property
    def deleted(self) -> list[str]:
        """Which pods the plan deletes, by the end of their names."""
        return [_short(delete.key.name) for delete in self.plan().deletes]

    @property
    def made(self) -> list[str]:
        """Which pods the plan creates, by the end of their names; a Secret may come with them."""
        return [_short(body["metadata"]["name"]) for body in self.plan().creates if body["kind"] == "Pod"]

    @property
    def ordered(self) -> Mapping[str, GroupOrder]:
        """What the scheduler is to be told once there is nothing else to do."""
        scale = self.applied().plan().scale
        return scale.groups if scale else {}

    def group(self, name: str = "default") -> Mapping[str, Any]:
        """What status says of a group."""
        return next((each for each in self.status["workers"]["groups"] if each["name"] == name), {})


def dressed(children: Sequence[dict[str, Any]], resource: Any, base: str) -> tuple[dict[str, Any], ...]:
    """Children with labels, owner and spec as the operator makes them; what is there already stays.

    With a Service comes a NetworkPolicy.
    """
    found = [_child(each, resource, base) for each in children]
    if any(each["kind"] == "Service" for each in found):
        policy = network_policy(resource, NetworkPolicy(), base, SETTINGS)
        policy["metadata"]["uid"] = "policy"
        found.append(policy)
    return tuple(found)


def _child(made: dict[str, Any], resource: Any, base: str) -> dict[str, Any]:
    meta, spec = made["metadata"], made.get("spec") or {}
    labels = {"app.kubernetes.io/managed-by": "daskflow", "daskflow.dev/cluster": base, **meta["labels"]}
    owners = [owner_reference(resource)]
    if labels.get("daskflow.dev/component") == "worker":
        labels.setdefault("daskflow.dev/group", "default")
    if made["kind"] == "Service":
        mode = resource["spec"].get("security", {}).get("tls", {}).get("mode")
        wanted = service(resource, base, tls=mode != "Disabled")
        meta, spec = {**wanted["metadata"], **meta}, {**wanted["spec"], **spec}
    return {**made, "metadata": {"ownerReferences": owners, **meta, "labels": labels}, "spec": spec}


def _short(name: str) -> str:
    return name.removeprefix(f"{BASE}-")


BASED = Stage()
"""All is there that pods need."""
BARE = Stage(service=None, created=frozenset())
"""Nothing was made yet."""


def scheduler(**state: Any) -> dict[str, Any]:
    """The scheduler's pod: see `pod`."""
    return pod(f"{BASE}-scheduler", "scheduler", **state)


def worker(ordinal: int, **state: Any) -> dict[str, Any]:
    """A worker's pod: see `pod`."""
    return pod(f"{BASE}-worker-{ordinal}", "worker", **state)


MADE = BASED.with_pods(scheduler(), worker(0), worker(1)).applied()
"""All pods were made a moment ago."""


def running(count: int = 2, **spec: Any) -> Stage:
    """A cluster of so many ready workers, of one group, whose status has settled."""
    stage = Stage({**spec, "workers": {"replicas": count, **spec.get("workers", {})}})
    made = pod(f"{BASE}-scheduler", "scheduler", started=True, at=OLD)
    stage = replace(stage, pods={"scheduler": made})
    for ordinal in range(count):
        stage = stage.worker(ordinal)
    return stage.applied()


def scaled(stage: Stage, replicas: int, **more: Any) -> Stage:
    """The default group gets another number of workers."""
    return stage.change(workers={**stage.spec["workers"], "replicas": replicas, **more})


def ended_scheduler(stage: Stage, **state: Any) -> Stage:
    """Its pod has stopped."""
    made = pod(f"{BASE}-scheduler", "scheduler", **{"exit_code": 0, **state})
    return replace(stage, pods={**stage.pods, "scheduler": made})
