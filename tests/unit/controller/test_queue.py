"""In which order keys are reconciled, and after what time again."""

import asyncio
import logging
from collections.abc import Callable
from random import Random

import pytest
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.queue import NEW_EVERY, OTHERS_EVERY, Queue
from daskflow.plan.model import Key

from tests.simulation import loop
from tests.unit.controller.toys import RUN


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def test_the_slowest_look_is_the_one_that_counts() -> None:
    async def life() -> None:
        queue = Queue()

        async def handler(key: Key) -> None:
            await asyncio.sleep(1000 if key.name == "slow" else 1)

        queue.add_all([Key("FlowRun", "n", "slow"), Key("FlowRun", "n", "quick")])
        queue.start(handler)
        await asyncio.sleep(200)
        assert queue.longest(asyncio.get_running_loop().time()) == pytest.approx(200)
        await queue.stop(0)

    loop.run(life())


def test_a_look_that_goes_on_is_not_one_that_hangs() -> None:
    async def life() -> None:
        queue = Queue()

        async def handler(key: Key) -> None:
            for _ in range(10):
                await asyncio.sleep(100)
                queue.progressed(key)

        queue.add(RUN)
        queue.start(handler)
        for _ in range(9):
            await asyncio.sleep(99)
            assert queue.longest(asyncio.get_running_loop().time()) <= 100
        await queue.stop(0)

    loop.run(life())


def test_a_server_that_asks_for_patience_gets_it() -> None:
    async def life() -> None:
        looks: list[float] = []
        queue = Queue(chance=Random(1))

        async def handler(key: Key) -> None:
            looks.append(asyncio.get_running_loop().time())
            raise ApiError(429, "TooManyRequests", retry_after=40.0)

        queue.add(RUN)
        queue.start(handler)
        await asyncio.sleep(130)
        await queue.stop(0)
        assert looks == pytest.approx([0.0, 40.0, 80.0, 120.0], abs=1)

    loop.run(life())


def key(number: int) -> Key:
    return Key("FlowRun", "data", f"run-{number}")


async def looks(keys: int, again: Callable[[Key, int], bool], *, until: int) -> list[Key]:
    """The order of so many looks by one worker; `again`: whether one makes another look necessary."""
    queue, order, enough = Queue(limit=1), [], asyncio.Event()

    async def handler(key: Key) -> None:
        order.append(key)
        if again(key, order.count(key)):
            queue.add(key)
        if len(order) >= until:
            enough.set()

    queue.add_all(key(number) for number in range(keys))
    queue.start(handler)
    await enough.wait()
    await queue.stop()
    return order[:until]


async def test_a_burst_is_finished_from_its_first_on() -> None:
    order = await looks(100, lambda _, count: count < 3, until=300)
    finished = [position for position, each in enumerate(order) if order[: position + 1].count(each) == 3]
    assert len(finished) == 100
    assert finished[0] < 10  # first come, first served would give 200


async def test_what_is_never_done_does_not_keep_others_from_beginning() -> None:
    order = await looks(10, lambda each, _: each == key(0), until=NEW_EVERY * 10)
    assert set(order) == {key(number) for number in range(10)}


def test_what_is_due_comes_before_what_follows_from_it_and_keeps_nothing_else_from_going_on() -> None:
    """A hundred schedules fire in the same moment, and each makes a run that then is to be looked at."""
    order: list[Key] = []

    async def life() -> None:
        queue = Queue(limit=1)
        due = [Key("FlowSchedule", "data", f"every-{number}") for number in range(100)]

        async def handler(each: Key) -> None:
            order.append(each)
            if each in due:
                queue.add(key(due.index(each)))

        for each in due:
            queue.add_later(each, 60.0)
        queue.start(handler)
        await asyncio.sleep(61)
        await queue.stop()
        last = max(order.index(each) for each in due)
        assert last == 99 + 99 // (OTHERS_EVERY - 1)
        assert len(order) == 200

    loop.run(life())


async def test_a_key_whose_object_is_gone_is_new_again() -> None:
    queue, order, enough = Queue(limit=1), [], asyncio.Event()

    async def handler(each: Key) -> None:
        order.append(each)
        queue.forget(each)
        if len(order) == 1:
            queue.add(key(1))
            queue.add(each)
        if len(order) == 3:
            enough.set()

    queue.add(key(0))
    queue.start(handler)
    await enough.wait()
    assert order == [key(0), key(1), key(0)]


@pytest.mark.parametrize("patience", [0.0, 10.0])
def test_what_came_during_a_look_that_a_halt_ends_is_looked_at_after_the_next_start(patience: float) -> None:
    """In vain, it would count as waiting for ever."""

    async def life() -> None:
        looks: list[float] = []
        queue = Queue(chance=Random(1))

        async def handler(key: Key) -> None:
            looks.append(asyncio.get_running_loop().time())
            await asyncio.sleep(2)

        queue.add(RUN)
        queue.start(handler)
        await asyncio.sleep(1)
        queue.add(RUN)
        await queue.stop(patience)
        await asyncio.sleep(100)
        assert len(looks) == 1
        queue.add(RUN)
        queue.start(handler)
        await asyncio.sleep(10)
        assert len(looks) == 2
        await queue.stop(0)

    loop.run(life())


async def test_a_stop_forgets_what_was_looked_at() -> None:
    """Of what goes before the next start nobody tells it."""
    queue, failed = Queue(chance=Random(1)), asyncio.Event()

    async def handler(each: Key) -> None:
        failed.set()
        raise ValueError("later")

    queue.add(RUN)
    queue.start(handler)
    await failed.wait()
    await queue.stop()
    assert (queue._seen, queue._failures) == (set(), {})
