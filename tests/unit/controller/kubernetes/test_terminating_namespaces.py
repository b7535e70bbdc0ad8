"""In a namespace that is being deleted little is tried; a new one of its name is another."""

import asyncio
from typing import Any

from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Event, Key, Object, Observed, Plan

from tests.simulation import loop, toy
from tests.unit.controller.toys import Toy


def test_an_ending_namespace_is_left_in_peace() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy"))
        world.server.ending.add("default")
        await asyncio.sleep(600)
        assert world.operator.client.writes < 60
        assert world.operator.results.get("error", 0) == 0

    loop.run(life())


def counting(resource: Object, seen: Observed, now: Any) -> Plan:
    """The toy, which also writes down and tells how many of its pods there are."""
    plan, count = toy.plan(resource, seen, now), len(seen.children)
    if plan.status is not None or resource["status"].get("n") == count:
        return plan
    told = Event("Normal", "Counted", str(count))
    return plan.but(status={**resource["status"], "n": count}, events=(*plan.events, told))


def test_in_an_ending_namespace_little_is_tried_in_vain() -> None:
    async def life() -> tuple[int, int]:
        world = Toy(planner=counting)
        keys = [Key("FlowRun", "default", f"toy-{number}") for number in range(20)]
        for key in keys:
            world.server.create(toy.parent(key.name))
        await asyncio.sleep(0.7)
        refused, create = 0, world.server.create

        def counted(body: Object) -> Object:
            nonlocal refused
            try:
                return create(body)
            except ApiError as error:
                refused += error.namespace_ending
                raise

        world.server.create = counted  # type: ignore[method-assign]
        world.server.ending.add("default")
        before = world.operator.client.writes
        for key in [each for each in world.server.objects if each.kind in ("Pod", "Service")]:
            if key in world.server.objects:
                world.server.delete(key)
            await asyncio.sleep(0.1)
        # A finalizer holds this one: its last status is waited for.
        held = world.server.objects[keys[0]]["metadata"]
        world.server.update(keys[0], metadata={**held, "finalizers": ["example.com/books"]})
        world.server.delete(keys[0])
        await asyncio.sleep(5)
        assert world.server.objects[keys[0]]["status"]["n"] == 0
        for key in keys[1:]:
            world.server.delete(key)
        return refused, world.operator.client.writes - before

    refused, writes = loop.run(life())
    assert 0 < refused <= 8
    assert writes < 20


def test_a_new_namespace_of_the_name_is_not_taken_for_the_old_one() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("old"))
        world.server.ending.add("default")
        await asyncio.sleep(5)
        world.server.delete(Key("FlowRun", "default", "old"))
        world.server.ending.clear()
        world.server.create(toy.parent("toy"))
        await world.until_done(20)

    loop.run(life())
