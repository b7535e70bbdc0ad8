"""A sentence is told once, and again when it is true again."""

import asyncio
import logging
from typing import Any

import pytest
from daskflow.plan.model import Object, Observed, Plan

from tests.simulation import loop, toy
from tests.unit.controller.toys import RUN, Toy


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def test_a_sentence_is_told_again_when_it_is_true_again() -> None:
    async def life() -> None:
        world = Toy(planner=planner)
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(2)
        for n in (1, 2):
            spec = world.server.objects[RUN]["spec"]
            world.server.update(RUN, spec={**spec, "n": n})
            await asyncio.sleep(2 * 3600)
        told = [entry for entry in world.server.history["Event"] if entry[1] == "ADDED"]
        assert len(told) == 3

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        from daskflow.plan.model import Event

        n = resource["spec"].get("n", 0)
        if resource["status"].get("n") == n:
            return Plan()
        return Plan(status={"n": n}, events=(Event("Normal", "Suspended", "It is suspended."),))

    loop.run(life())
