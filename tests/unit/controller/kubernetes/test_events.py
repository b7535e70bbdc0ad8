"""A sentence is told once, and again when it is true again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from daskflow.controller.kubernetes.events import LEISURE_SECONDS, Recorder
from daskflow.plan.model import Event, Object, Observed, Plan

from tests.simulation import loop, toy
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client
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
        n = resource["spec"].get("n", 0)
        if resource["status"].get("n") == n:
            return Plan()
        return Plan(status={"n": n}, events=(Event("Normal", "Suspended", "It is suspended."),))

    loop.run(life())


def told(
    story: Callable[[Recorder, Callable[[str], None], Callable[[], list[str]]], Awaitable[None]],
) -> None:
    """A story of a recorder: how to tell of one of this type, and the types that have been written."""

    async def life() -> None:
        server = Server(Random(1))
        recorder, about = Recorder(Client(server, Random(1)), instant), server.create(toy.parent("toy"))

        def tell(type_: str) -> None:
            recorder.tell(about, Event(type_, "Said", f"{type_}."))

        def written() -> list[str]:
            return [entry[2]["type"] for entry in server.history["Event"]]

        await story(recorder, tell, written)

    loop.run(life())


def test_what_is_only_told_waits_for_the_plans_under_way_and_a_warning_does_not() -> None:
    async def story(
        recorder: Recorder, tell: Callable[[str], None], written: Callable[[], list[str]]
    ) -> None:
        with recorder.carrying_out(), recorder.carrying_out():
            for _ in range(2):
                tell("Normal")
                tell("Warning")
            await asyncio.sleep(LEISURE_SECONDS / 2)
            assert written() == ["Warning"]
        await asyncio.sleep(LEISURE_SECONDS / 10)
        assert written() == ["Warning", "Normal"]

    told(story)


def test_plans_without_end_keep_it_for_three_seconds_at_most() -> None:
    async def story(
        recorder: Recorder, tell: Callable[[str], None], written: Callable[[], list[str]]
    ) -> None:
        with recorder.carrying_out():
            tell("Normal")
            await asyncio.sleep(LEISURE_SECONDS * 1.1)
            assert written() == ["Normal"]

    told(story)


def test_who_ends_tells_at_once() -> None:
    async def story(
        recorder: Recorder, tell: Callable[[str], None], written: Callable[[], list[str]]
    ) -> None:
        with recorder.carrying_out():
            tell("Normal")
            await recorder.stop()
            assert written() == ["Normal"]

    told(story)
