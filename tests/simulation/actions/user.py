"""What users do to their runs and clusters, and to all that belongs to them."""

import asyncio
from typing import TYPE_CHECKING, Any

from daskflow.api.names import RUNNER

from tests.simulation.actions import Action
from tests.simulation.kubernetes.objects import component_of

if TYPE_CHECKING:
    from tests.simulation.world import World


def change(**fields: Any) -> Action:
    """The user changes fields of the spec, of all runs."""

    def act(world: "World") -> None:
        for key in world.subjects:
            if key in world.server.objects:
                spec = world.server.objects[key]["spec"]
                world.server.update(key, spec={**spec, **fields})

    return act


def take_back_cancel(world: "World") -> None:
    """A tool applies the manifest again, after the operator has taken note of the wish."""
    status = world.server.objects[world.subjects[0]].get("status") or {}
    if status.get("reason") == "Cancelling":
        change(cancel=False)(world)
    elif status.get("phase") not in ("Succeeded", "Failed"):
        asyncio.get_running_loop().call_later(0.1, take_back_cancel, world)


def scale(replicas: int) -> Action:
    """Another number of workers, of a run or a DaskCluster."""

    def act(world: "World") -> None:
        for key in world.subjects:
            spec = world.server.objects[key]["spec"]
            part = spec["cluster"] if "flow" in spec else spec
            workers = {"workers": {**part["workers"], "replicas": replicas}}
            change(**({"cluster": {**part, **workers}} if "flow" in spec else workers))(world)

    return act


def delete(world: "World") -> None:
    """In the background, as kubectl does."""
    for key in world.subjects:
        if key in world.server.objects:
            world.server.delete(key)


def delete_foreground(world: "World") -> None:
    """The run stays, marked, until all it owns is gone."""
    for key in world.subjects:
        world.server.delete_foreground(key)


def create_again(world: "World") -> None:
    """As `kubectl replace --force`: deleted, and at once another of the same name."""
    delete(world)
    for key in world.subjects:
        world.server.create(world.scenario.manifest(key.name))


def create_again_unheard(world: "World") -> None:
    """The same while garbage collection does not watch: to it the two are one."""
    world.server.unheard |= {world.server.objects[key]["metadata"]["uid"] for key in world.subjects}
    create_again(world)


def delete_cluster(world: "World") -> None:
    """Somebody deletes the run's DaskCluster, while its flow runs."""
    if not any(life.role.begun for life in world.nodes.living(RUNNER)):
        asyncio.get_running_loop().call_later(1.0, delete_cluster, world)
        return
    for key in [key for key in world.server.objects if key.kind == "DaskCluster"]:
        world.server.delete(key)


def take(what: str) -> Action:
    """Somebody deletes all objects of these kinds, and all pods of these components (with commas)."""
    words = what.split(",")

    def act(world: "World") -> None:
        for key, body in list(world.server.objects.items()):
            if key.kind in words or (key.kind == "Pod" and component_of(body) in words):
                world.server.delete(key)

    return act
