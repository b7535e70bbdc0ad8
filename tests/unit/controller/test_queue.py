"""In which order keys are looked at."""

import asyncio
from collections.abc import Callable

from daskflow.controller.queue import NEW_EVERY, Queue
from daskflow.plan.model import Key


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
