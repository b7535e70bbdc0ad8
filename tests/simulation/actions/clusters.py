"""What users, tasks and the world do to a standalone cluster."""

import asyncio
from typing import TYPE_CHECKING, Any

from daskflow.api.names import SCHEDULER, WORKER

from tests.simulation.actions import Action
from tests.simulation.actions.user import change, scale

if TYPE_CHECKING:
    from tests.simulation.world import World


def group(name: str, **fields: Any) -> Action:
    """The user changes fields of a named group."""

    def act(world: "World") -> None:
        for key in world.subjects:
            groups = world.server.objects[key]["spec"]["workerGroups"]
            change(workerGroups=[{**each, **(fields if each["name"] == name else {})} for each in groups])(
                world
            )

    return act


def load(count: int, name: str = "default") -> Action:
    """From now on the tasks of a group are work for so many workers."""

    def act(world: "World") -> None:
        world.nodes.loads.setdefault(name, [(0.0, 0)]).append((asyncio.get_running_loop().time(), count))

    return act


def deaf(yes: bool) -> Action:
    """Whether control listeners are out of reach, while their clusters go on."""

    def act(world: "World") -> None:
        world.nodes.deaf = yes

    return act


def client(yes: bool) -> Action:
    """Whether somebody is connected to the cluster, as soon as it can be reached."""

    def act(world: "World") -> None:
        world.nodes.client = yes

    return act


def crashing(yes: bool) -> Action:
    """Whether workers die as soon as they have registered."""

    def act(world: "World") -> None:
        world.nodes.crashing = yes

    return act


def actor(world: "World") -> None:
    """A worker gets an actor, as soon as there is one; then all of them are to go."""
    found = [life.key.name for life in world.nodes.living(WORKER) if life.role.registered_at is not None]
    later = asyncio.get_running_loop().call_later
    if not found:
        later(1.0, actor, world)
        return
    world.nodes.actors.add(min(found))
    later(5.0, scale(0), world)


def idle(world: "World") -> None:
    """Nobody has used the cluster for as long as its idle timeout."""
    found = [life for life in world.nodes.living(SCHEDULER) if life.role.scaler is not None]
    for life in found:
        life.role.idle = True
    if not found:
        asyncio.get_running_loop().call_later(1.0, idle, world)
