"""The life of a DaskCluster: made in stages that fall out of planning again, workers made again."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import API_VERSION, DASK_CLUSTER
from daskflow.manifests.naming import base_name, secret_name
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.model import Key, Observed, Occupied, Plan, Refusal

from tests.unit.plan.cluster_stage import SERVICE, dressed
from tests.unit.plan.stage import NOW, SETTINGS, kinds, pod

UID = "cluster-uid"
BASE = base_name("shared", UID)
SECRET = frozenset({Key("Secret", "data", secret_name(BASE, SETTINGS.root_key, UID))})
"""What is there and cannot be read back."""


@dataclass(frozen=True)
class Stage:
    """A standalone cluster of two workers, what is observed around it, and the time."""

    children: tuple[dict[str, Any], ...] = ()
    status: dict[str, Any] | None = None
    created: frozenset[Key] = frozenset()
    refusals: tuple[Refusal, ...] = ()
    now: datetime = NOW
    replicas: int = 2
    spec: dict[str, Any] = field(default_factory=dict)
    occupied: tuple[Occupied, ...] = ()

    def plan(self) -> Plan:
        """What the real planner says."""
        resource = {
            "apiVersion": API_VERSION,
            "kind": DASK_CLUSTER,
            "metadata": {
                "name": "shared",
                "namespace": "data",
                "uid": UID,
                "generation": 1,
                "creationTimestamp": timestamp(NOW),
            },
            "spec": {"image": "flows:1", "workers": {"replicas": self.replicas}, **self.spec},
            "status": self.status or {},
        }
        children = dressed(self.children, resource, BASE)
        seen = Observed(
            children=children, created=self.created, refusals=self.refusals, occupied=self.occupied
        )
        return daskcluster.plan(resource, seen, self.now, SETTINGS)

    def applied(self) -> "Stage":
        """With the plan's status written."""
        return replace(self, status=self.plan().status or self.status)


def scheduler(**state: Any) -> dict[str, Any]:
    """The scheduler's pod."""
    return pod(f"{BASE}-scheduler", "scheduler", **state)


def worker(ordinal: int, **state: Any) -> dict[str, Any]:
    """A worker's pod."""
    return pod(f"{BASE}-worker-{ordinal}", "worker", **state)


BASED = Stage((SERVICE,), created=SECRET)
MADE = replace(BASED, children=(SERVICE, scheduler(), worker(0), worker(1))).applied()


def with_pods(*pods: dict[str, Any], now: datetime = NOW) -> Stage:
    """The cluster that was made, with these pods."""
    return replace(MADE, children=(SERVICE, *pods), now=now)


def test_service_secret_and_network_policy_first() -> None:
    assert kinds(Stage().plan().creates) == ["Service", "Secret", "NetworkPolicy"]
    open_to_all = {"security": {"networkPolicy": {"enabled": False}}}
    assert kinds(Stage(spec=open_to_all).plan().creates) == ["Service", "Secret"]


def test_then_all_pods_at_once() -> None:
    names = [item["metadata"]["name"] for item in BASED.plan().creates]
    assert names == [f"{BASE}-scheduler", f"{BASE}-worker-0", f"{BASE}-worker-1"]


def test_that_the_scheduler_was_made_is_written_down() -> None:
    assert MADE.status is not None
    assert MADE.status["scheduler"] == {"pod": f"{BASE}-scheduler", "uid": f"uid-{BASE}-scheduler"}
    assert MADE.status["phase"] == "Starting"
    assert not MADE.plan().acts


def test_ready_with_address_and_secret() -> None:
    status = (
        with_pods(
            *(
                make(started=True)
                for make in (scheduler, lambda **s: worker(0, **s), lambda **s: worker(1, **s))
            )
        )
        .applied()
        .status
    )
    assert status is not None
    assert (status["phase"], status["address"], status["secretName"]) == (
        "Ready",
        "tls://10.1.2.3:8786",
        BASE,
    )
    assert {item["type"]: item["status"] for item in status["conditions"]}["Ready"] == "True"


def test_a_lost_scheduler_is_never_made_again() -> None:
    status = with_pods(worker(0), worker(1)).applied().status
    assert status is not None
    assert (status["phase"], status["reason"]) == ("Failed", "SchedulerLost")


def test_a_dead_worker_is_made_again_under_a_new_name_after_a_moment() -> None:
    dead = with_pods(scheduler(started=True), worker(0, started=True), worker(1, exit_code=1))
    assert not dead.plan().creates
    assert dead.plan().requeue_at == NOW + timedelta(seconds=2)
    later = replace(dead, now=NOW + timedelta(seconds=2)).plan()
    made = [(item["kind"], item["metadata"]["name"]) for item in later.creates]
    # The Secret cannot be looked at; it is made in vain, unless somebody has deleted it.
    assert made == [("Pod", f"{BASE}-worker-2"), ("Secret", BASE)]


def test_workers_that_keep_dying_are_made_later_and_later() -> None:
    dead = [worker(ordinal, exit_code=1, message="No module named 'numpy'") for ordinal in range(8)]
    stage = with_pods(scheduler(started=True), *dead)
    assert stage.plan().requeue_at == NOW + timedelta(seconds=16)
    assert stage.plan().status is not None
    assert "numpy" in stage.plan().status["message"]  # type: ignore[index]


def test_a_refused_worker_does_not_keep_the_scheduler_from_being_written_down() -> None:
    refusal = Refusal(Key("Pod", "data", f"{BASE}-worker-1"), 403, "exceeded quota: small")
    stage = replace(BASED, children=(SERVICE, scheduler(), worker(0)), refusals=(refusal,))
    assert stage.applied().status["scheduler"]  # type: ignore[index]
    degraded = stage.applied().applied().status
    assert degraded is not None
    assert (degraded["phase"], degraded["reason"]) == ("Degraded", "QuotaExceeded")
