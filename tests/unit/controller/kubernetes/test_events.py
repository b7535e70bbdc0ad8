"""A sentence is told once, and again when it is true again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from daskflow.controller.kubernetes.events import LEISURE_SECONDS, QUIET_SECONDS, WAITING_AT_MOST, Recorder
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


class Told:
    """A recorder beside an API server that takes everything."""

    def __init__(self) -> None:
        self._server = Server(Random(1))
        self._about = self._server.create(toy.parent("toy"))
        self.recorder = Recorder(Client(self._server, Random(1)), instant)

    def tell(self, type_: str, number: int = 0) -> None:
        """Of one of this type; of one number the same each time."""
        self.recorder.tell(self._about, Event(type_, "Said", f"{type_} {number}."))

    @property
    def written(self) -> list[str]:
        """Their types, in their order."""
        return [entry[2]["type"] for entry in self._server.history["Event"]]


def test_what_is_only_told_waits_for_the_plans_under_way_and_a_warning_does_not() -> None:
    async def story() -> None:
        told = Told()
        with told.recorder.carrying_out(), told.recorder.carrying_out():
            for _ in range(2):
                told.tell("Normal")
                told.tell("Warning")
            await asyncio.sleep(LEISURE_SECONDS / 2)
            assert told.written == ["Warning"]
        await asyncio.sleep(LEISURE_SECONDS / 10)
        assert told.written == ["Warning", "Normal"]

    loop.run(story())


@pytest.mark.parametrize(
    "wait",
    [lambda told: asyncio.sleep(LEISURE_SECONDS * 1.1), lambda told: told.recorder.stop()],
    ids=["for three seconds at most", "until the operator ends"],
)
def test_plans_without_end_keep_it(wait: Callable[[Told], Awaitable[None]]) -> None:
    async def story() -> None:
        told = Told()
        with told.recorder.carrying_out():
            told.tell("Normal")
            await wait(told)
            assert told.written == ["Normal"]

    loop.run(story())


def test_a_plan_that_follows_at_once_keeps_it_as_well() -> None:
    async def story() -> None:
        told = Told()
        for _ in range(5):
            with told.recorder.carrying_out():
                told.tell("Normal")
            await asyncio.sleep(QUIET_SECONDS * 0.8)
            assert told.written == []
        await asyncio.sleep(QUIET_SECONDS)
        assert told.written == ["Normal"]

    loop.run(story())


def test_a_plan_that_ends_after_the_operator_keeps_nothing() -> None:
    async def story() -> None:
        told = Told()
        for number in range(100):
            told.tell("Normal", number)
        ending = asyncio.create_task(told.recorder.stop())
        await asyncio.sleep(0)
        with told.recorder.carrying_out():
            await ending
        assert len(told.written) == 100

    loop.run(story())


def test_warnings_have_room_beside_all_that_waits() -> None:
    async def story() -> None:
        told = Told()
        with told.recorder.carrying_out():
            for number in range(WAITING_AT_MOST + 1):
                told.tell("Normal", number)
            told.tell("Warning")
            await asyncio.sleep(LEISURE_SECONDS / 2)
            assert told.written == ["Warning"]
        await told.recorder.stop(60)
        assert told.written.count("Normal") == WAITING_AT_MOST

    loop.run(story())
