"""What users do to ClusterPools."""

import asyncio
from typing import TYPE_CHECKING, Any

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import API_VERSION, CLUSTER_POOL, DASK_CLUSTER
from daskflow.plan.model import Key

from tests.simulation.actions import Action

if TYPE_CHECKING:
    from tests.simulation.world import World

POOL = Key(CLUSTER_POOL, "default", "pool")
TEMPLATE: dict[str, Any] = {
    "spec": {"image": "registry.example/flows:1", "cluster": {"workers": {"replicas": 1}}}
}


def pool_comes(**spec: Any) -> Action:
    """Somebody makes the pool that the runs name."""

    def act(world: "World") -> None:
        world.server.create(
            {
                "apiVersion": API_VERSION,
                "kind": CLUSTER_POOL,
                "metadata": {"name": POOL.name, "namespace": POOL.namespace},
                "spec": {"ready": 1, "template": TEMPLATE, **spec},
            }
        )

    return act


def pool_changes(**spec: Any) -> Action:
    """Its user changes fields of its spec."""

    def act(world: "World") -> None:
        body = world.server.objects[POOL]
        world.server.update(POOL, spec={**body["spec"], **spec})

    return act


def waiting_dies(component: str) -> Action:
    """A pod of a cluster that no run has is killed, as soon as it lives."""

    def act(world: "World") -> None:
        found = [life for life in world.nodes.living(component) if life.run == life.owner]
        if not found:
            asyncio.get_running_loop().call_later(0.5, act, world)
            return
        found[0].kill()

    return act


def listeners_fall_silent(seconds: float) -> Action:
    """As soon as a cluster is known to wait, no operator reaches a listener for so long."""

    def act(world: "World") -> None:
        clusters = [body for key, body in world.server.objects.items() if key.kind == DASK_CLUSTER]
        waiting = ((each.get("status") or {}).get("standby") or {} for each in clusters)
        world.nodes.deaf = any(each.get("parked") for each in waiting)
        later = asyncio.get_running_loop().call_later
        if world.nodes.deaf:
            later(seconds, setattr, world.nodes, "deaf", False)
        else:
            later(0.01, act, world)

    return act


def pool_goes(world: "World") -> None:
    """Its user deletes it, once no run needs it any more."""
    runs = [world.server.objects[key] for key in world.subjects if key in world.server.objects]
    if any((run.get("status") or {}).get("phase") not in TERMINAL_PHASES for run in runs):
        asyncio.get_running_loop().call_later(2.0, pool_goes, world)
    else:
        world.server.delete(POOL)


def pool_goes_early(world: "World") -> None:
    """The same, once each run has begun."""
    runs = [world.server.objects[key] for key in world.subjects if key in world.server.objects]
    if all((run.get("status") or {}).get("attempts") for run in runs):
        world.server.delete(POOL)
    else:
        asyncio.get_running_loop().call_later(0.2, pool_goes_early, world)
