"""How often a scheduler is asked, and what comes of errors."""

import asyncio
from itertools import pairwise

import pytest
from daskflow.controller.schedulers.answers import Answer, ControlError
from daskflow.controller.schedulers.pacing import AWAITED_SECONDS, AWAITED_TIMES
from daskflow.plan.model import Waiting

from tests.simulation import loop
from tests.unit.controller.schedulers.world import Answering, World, busy, idle


async def babbling(world: World, since: int, wait: float) -> Answer:
    """Always a new version, never anything new."""
    return Answer(since + 1, 0, 0, ("1",))


async def broken(world: World, since: int, wait: float) -> Answer:
    raise ControlError("nonsense")


async def buggy(world: World, since: int, wait: float) -> Answer:
    raise ZeroDivisionError


def test_news_of_a_run_comes_at_most_every_ten_seconds() -> None:
    async def life() -> None:
        world = World(busy)
        await world.live(300)
        times = [at for at, _ in world.news]
        assert times[0] >= 10
        assert min(b - a for a, b in pairwise(times)) >= 10
        assert 26 <= len(times) <= 29
        assert len(world.dialled) == 1

    loop.run(life())


def test_news_that_comes_late_is_not_followed_closely_by_more() -> None:
    async def late(world: World, since: int, wait: float) -> Answer:
        await asyncio.sleep(wait * world.chance.random())
        return Answer(since + 1, since, 10_000, ("1",))

    async def life() -> None:
        world = World(late)
        await world.live(5_000)
        times = [at for at, _ in world.news]
        assert len(times) > 50
        assert min(b - a for a, b in pairwise(times)) >= 10

    loop.run(life())


def test_an_idle_run_costs_one_question_a_timeout() -> None:
    async def life() -> None:
        world = World(idle)
        await world.live(3_600)
        assert len(world.news) == 1
        assert 60 <= len(world.questions) <= 68
        assert len(world.dialled) == 1
        assert set(world.results) == {"news", "nothing"}

    loop.run(life())


def test_a_scheduler_that_babbles_is_asked_every_ten_seconds() -> None:
    async def life() -> None:
        world = World(babbling)
        await world.live(600)
        assert world.news == []
        assert len(world.questions) < 60

    loop.run(life())


def test_a_runner_that_is_awaited_is_heard_of_at_once_and_no_listener_makes_that_a_habit() -> None:
    async def awaited(world: World, since: int, wait: float) -> Answer:
        return Answer(since + 1, 0, 0, ("1",), standby=Waiting())

    async def life() -> None:
        world = World(awaited)
        await world.live(120)
        apart = [round(b - a, 1) for a, b in pairwise(world.questions)]
        assert apart[:AWAITED_TIMES] == [AWAITED_SECONDS] * AWAITED_TIMES
        assert min(apart[AWAITED_TIMES:]) >= 10

    loop.run(life())


@pytest.mark.parametrize("fault", [broken, buggy])
def test_errors_are_backed_off_from_and_harm_nobody(fault: Answering) -> None:
    async def life() -> None:
        world = World(fault)
        await world.live(3_600)
        assert 60 < len(world.questions) < 100
        gaps = [b - a for a, b in pairwise(world.questions)]
        assert gaps[0] < 3
        assert 30 <= gaps[-1] <= 61
        assert set(world.results) == {"error"}
        assert world.open == 0
        assert world.news == []
        world.answer = busy
        await asyncio.sleep(120)
        assert world.news

    loop.run(life())
