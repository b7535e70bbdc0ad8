"""Lives of DaskClusters of dask-kubernetes: clients scale, nodes are lost, schedulers die."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daskflow.api.dask_kubernetes.names import API_VERSION, CLUSTER, SCHEDULER, WORKER, WORKER_GROUP
from daskflow.plan.model import Key

from tests.simulation.dask_kubernetes.kubelet import UserPod

if TYPE_CHECKING:
    from tests.simulation.dask_kubernetes.clusters import ClusterWorld

SUBJECT = Key(CLUSTER, "default", "lab")
OWN_GROUP = Key(WORKER_GROUP, "default", "lab-default")
Action = Callable[["ClusterWorld"], None]
_CONTAINER = {"image": "dask:1", "args": ["dask"]}


@dataclass(frozen=True)
class ClusterScenario:
    """`workers` are those that each group has in the end, by the end of its name; None: all is gone."""

    name: str
    workers: dict[str, int] | None = field(default_factory=lambda: {"default": 2})
    actions: tuple[tuple[float, Action], ...] = ()

    def manifest(self) -> dict[str, Any]:
        """As a client sends it."""
        pods = {name: {"containers": [{**_CONTAINER, "name": name}]} for name in (SCHEDULER, WORKER)}
        service = {"ports": [{"name": "tcp-comm", "port": 8786}], "selector": {}}
        return {
            "apiVersion": API_VERSION,
            "kind": "DaskCluster",
            "metadata": {"name": SUBJECT.name, "namespace": SUBJECT.namespace},
            "spec": {
                "worker": {"replicas": 2, "spec": pods[WORKER]},
                "scheduler": {"spec": pods[SCHEDULER], "service": service},
            },
        }


def scaled(number: int) -> Action:
    """As clients and autoscalers do: the group alone."""
    return lambda world: world.patch(OWN_GROUP, {"spec": {"worker": {"replicas": number}}})


def scaled_by_kubectl(number: int) -> Action:
    """`kubectl scale dsk/lab`."""
    return lambda world: world.patch(SUBJECT, {"spec": {"worker": {"replicas": number}}})


def add_group(world: "ClusterWorld") -> None:
    """As clients do: without labels or owner."""
    spec = world.scenario.manifest()["spec"]["worker"]
    meta = {"name": "lab-more", "namespace": SUBJECT.namespace}
    body = {"apiVersion": API_VERSION, "kind": WORKER_GROUP, "metadata": meta}
    world.server.create({**body, "spec": {"cluster": "lab", "worker": {**spec, "replicas": 3}}})


def delete(kind: str, name: str) -> Action:
    """A user deletes an object, if it is there."""

    def act(world: "ClusterWorld") -> None:
        if (key := Key(kind, SUBJECT.namespace, name)) in world.server.objects:
            world.server.delete(key)

    return act


def happens(component: str, deed: Callable[[UserPod], None]) -> Action:
    """Something happens to one of its pods that run."""

    def act(world: "ClusterWorld") -> None:
        for pod in world.user_pods(component)[:1]:
            deed(pod)

    return act


CLUSTERS = (
    ClusterScenario("two workers"),
    ClusterScenario("more and fewer", {"default": 1}, ((20.0, scaled(5)), (50.0, scaled(1)))),
    ClusterScenario(
        "who changed the number last",
        {"default": 3},
        ((20.0, scaled(6)), (40.0, scaled_by_kubectl(1)), (70.0, scaled(3))),
    ),
    ClusterScenario("no worker at all", {"default": 0}, ((20.0, scaled_by_kubectl(0)),)),
    ClusterScenario("fewer and more at once", {"default": 4}, ((20.0, scaled(1)), (20.4, scaled(4)))),
    ClusterScenario("a scheduler is deleted", actions=((20.0, delete("Pod", "lab-scheduler")),)),
    ClusterScenario("a scheduler is evicted", actions=((20.0, happens(SCHEDULER, UserPod.evict)),)),
    ClusterScenario("a scheduler's node is lost", actions=((20.0, happens(SCHEDULER, UserPod.lose_node)),)),
    ClusterScenario("a worker is evicted", actions=((20.0, happens(WORKER, UserPod.evict)),)),
    ClusterScenario("a worker's node is lost", actions=((20.0, happens(WORKER, UserPod.lose_node)),)),
    ClusterScenario(
        "fewer without a scheduler",
        {"default": 1},
        ((20.0, happens(SCHEDULER, UserPod.lose_node)), (21.0, scaled(1))),
    ),
    ClusterScenario("its own group is deleted", actions=((20.0, delete(WORKER_GROUP, "lab-default")),)),
    ClusterScenario("another group", {"default": 2, "more": 3}, ((10.0, add_group),)),
    ClusterScenario(
        "another group comes and goes",
        {"default": 2},
        ((10.0, add_group), (40.0, delete(WORKER_GROUP, "lab-more"))),
    ),
    ClusterScenario("it is deleted", None, ((10.0, add_group), (30.0, delete(CLUSTER, "lab")))),
)
SCENARIOS = {scenario.name: scenario for scenario in CLUSTERS}
