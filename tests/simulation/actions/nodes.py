"""What becomes of nodes, images and pods while a flow runs."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from daskflow.api.names import RUNNER, WORKER

from tests.simulation.actions import Action
from tests.simulation.kubernetes.objects import component_of

if TYPE_CHECKING:
    from tests.simulation.kubernetes.pods import Life
    from tests.simulation.world import World


def room(there: bool, component: str = "") -> Action:
    """Whether nodes have room (for pods of a kind)."""

    def act(world: "World") -> None:
        world.nodes.schedulable = lambda pod: there or component not in ("", component_of(pod))

    return act


def registry(says: str) -> Action:
    """What the registry answers instead of the image; empty: it gives it."""

    def act(world: "World") -> None:
        world.nodes.pull = lambda pod: says

    return act


def workers_die(seconds: float) -> Action:
    """Every worker that is there is killed now and then, until that time."""

    def act(world: "World") -> None:
        for life in world.nodes.living(WORKER):
            life.kill()
        loop = asyncio.get_running_loop()
        if loop.time() < seconds:
            loop.call_later(4.0, act, world)

    return act


def each(component: str, what: str, *, count: int = 1) -> Action:
    """Something happens to the first pods of a kind that live while a flow runs; if none does yet, later."""

    def act(world: "World") -> None:
        flows = [life for life in world.nodes.living(RUNNER) if life.role.begun]
        runs = world.scenario.kind == "FlowRun"
        found = world.nodes.living(component)
        if (runs and not flows) or not found:
            asyncio.get_running_loop().call_later(1.0, act, world)
            return
        for life in found[:count]:
            _DEEDS[what](world, life)

    return act


def _return(world: "World", life: "Life", seconds: float) -> None:
    world.nodes.cut_node_of(life)
    asyncio.get_running_loop().call_later(seconds, life.heal)


def _never_return(world: "World", life: "Life", seconds: float) -> None:
    """The machine answers no more, and after a while somebody deletes its Node; its processes end by then."""
    world.nodes.cut_node_of(life)
    asyncio.get_running_loop().call_later(seconds, world.nodes.remove_node_of, life)


_DEEDS: dict[str, Callable[["World", "Life"], object]] = {
    "kill": lambda world, life: life.kill(),
    "out of memory": lambda world, life: life.kill("OOMKilled"),
    "evict": lambda world, life: life.terminate("Evicted"),
    "lose": lambda world, life: world.nodes.lose_node_of(life),
    "delete": lambda world, life: world.server.delete(life.key),
    "cut for a moment": lambda world, life: _return(world, life, 10),
    "cut for a while": lambda world, life: _return(world, life, 120),
    "cut for long": lambda world, life: _return(world, life, 400),
    "cut for ever": lambda world, life: _never_return(world, life, 420),
    "cut off": lambda world, life: _never_return(world, life, 1000),
}


def lose_after_word(world: "World") -> None:
    """The runner's node goes between the flow's word and the pod's own message: the scheduler has a copy."""
    spoken = [life for life in world.nodes.living(RUNNER) if life.role.report is not None]
    for life in spoken:
        world.nodes.lose_node_of(life)
    if not spoken:
        asyncio.get_running_loop().call_later(0.05, lose_after_word, world)
