"""Whoever keeps an object with a finalizer until it has ended, as JobSet, Kueue and archives of runs do."""

import asyncio
from typing import TYPE_CHECKING

from daskflow.api.names import FLOW_SCHEDULE, RUNNER
from daskflow.plan.model import Key

if TYPE_CHECKING:
    from tests.simulation.world import World

FINALIZER = "example.com/archive"
ENDED = ("Succeeded", "Failed", "Cancelled", "Stopped")


def hold(world: "World") -> None:
    """All subjects get the finalizer; it goes when they were deleted and their status tells of their end."""
    keep(world)
    for key in world.subjects:
        asyncio.get_running_loop().call_later(1.0, _watch, world, key)


def keep(world: "World") -> None:
    """The finalizer never goes."""
    for key in world.subjects:
        meta = world.server.objects[key]["metadata"]
        world.server.update(key, metadata={**meta, "finalizers": [FINALIZER]})


def delete_orphan(world: "World") -> None:
    """The runs go, and what they own stays: it is its users' own from then on."""
    for key in world.subjects:
        world.server.delete_orphan(key)


def _watch(world: "World", key: Key) -> None:
    body = world.server.objects[key]
    status = body.get("status") or {}
    ended = status.get("phase") in ENDED
    if key.kind == FLOW_SCHEDULE:
        ended = status.get("reason") == "Deleted" and not status.get("activeCount")
    if ended and "deletionTimestamp" in body["metadata"]:
        uid = body["metadata"]["uid"]
        if any(life.run == uid and not life.cut for life in world.nodes.living(RUNNER)):
            world.watcher.faults.append(f"{key.name} says that it has ended, and its flow runs")
        world.server.release(key, FINALIZER)
    else:
        asyncio.get_running_loop().call_later(1.0, _watch, world, key)
