"""Writes that are for what an object was seen to be: compare-and-swap."""

import asyncio
from datetime import datetime

import pytest
from daskflow.plan.model import Delete, Key, Object, Observed, Patch, Plan

from tests.simulation import loop, toy
from tests.unit.controller.toys import Toy


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_a_write_that_was_for_what_an_object_was_is_planned_anew(verb: str) -> None:
    """Two planners of one object each take it for themselves: exactly one does, and no error is told."""
    service, planned, worlds = Key("Service", "default", "toy"), list[str](), list[Toy]()

    def taking(resource: Object, seen: Observed, now: datetime) -> Plan:
        found = next((each for each in seen.children if each["kind"] == "Service"), None)
        if found is None:
            return Plan(creates=(toy.child(resource, "Service", "toy"),)) if not planned else Plan()
        meta = found["metadata"]
        if meta.get("annotations"):
            planned.append(f"found {meta['annotations']['taken']}")
            return Plan()
        # Somebody is quicker than this plan, once it is made.
        other = {"metadata": {**meta, "annotations": {"taken": "by another"}}}
        worlds[0].server.update(service, **other)
        planned.append("took")
        if verb == "delete":
            return Plan(deletes=(Delete(service, meta["uid"], revision=meta["resourceVersion"]),))
        body = {"metadata": {"annotations": {"taken": "by us"}}}
        return Plan(patches=(Patch(service, meta["uid"], body, revision=meta["resourceVersion"]),))

    async def life() -> None:
        worlds.append(world := Toy(planner=taking))
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(30)
        assert planned[:2] == ["took", "found by another"]
        assert planned.count("took") == 1
        assert world.server.objects[service]["metadata"]["annotations"] == {"taken": "by another"}
        assert not [key for key in world.server.objects if key.kind == "Event"]

    loop.run(life())
