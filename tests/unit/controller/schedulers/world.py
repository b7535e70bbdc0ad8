"""Runs that run, and schedulers that all answer the same way: in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from daskflow.controller.known.store import Store
from daskflow.controller.schedulers.answers import Answer
from daskflow.controller.schedulers.polling import Poller
from daskflow.controller.schedulers.wire import Listener
from daskflow.plan.model import Key, ScaleOrder

from tests.unit.controller.running import running

Answering = Callable[["World", int, float], Coroutine[Any, Any, Answer]]


class World:
    """A store with running runs, and schedulers that all answer the same way."""

    def __init__(self, answer: Answering, runs: int = 1, connections: int = 2_000) -> None:
        self.answer = answer
        self.news: list[tuple[float, Key]] = []
        self.store = Store(changed=lambda key: self.news.append((now(), key)))
        self.keys = [Key("FlowRun", "data", "etl" if n == 1 else f"etl-{n}") for n in range(1, runs + 1)]
        for number in range(1, runs + 1):
            for each in running(number):
                self.store.put(each)
        self.news.clear()
        self.chance = Random(1)
        self.results: list[str] = []
        self.questions: list[float] = []
        self.taken: list[tuple[float, ScaleOrder]] = []
        self.dialled: list[tuple[float, Listener]] = []
        self.open = self.most_open = 0
        self.poller = Poller(
            self.store,
            b"k" * 32,
            dial=self.dial,
            polled=self.results.append,
            chance=self.chance,
            connections=connections,
        )

    async def dial(self, listener: Listener, root_key: bytes) -> "World.Connection":
        self.dialled.append((now(), listener))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        return World.Connection(self)

    class Connection:
        def __init__(self, world: "World") -> None:
            self.world = world

        async def watch(self, since: int, wait: float) -> Answer:
            self.world.questions.append(now())
            return await self.world.answer(self.world, since, wait)

        async def scale(self, order: ScaleOrder) -> Answer:
            self.world.taken.append((now(), order))
            return await self.world.answer(self.world, -1, 0.0)

        def close(self) -> None:
            self.world.open -= 1

    async def live(self, seconds: float) -> None:
        for key in self.keys:
            self.poller.update(key)
        await asyncio.sleep(seconds)


def now() -> float:
    return asyncio.get_running_loop().time()


async def busy(world: World, since: int, wait: float) -> Answer:
    """Something new at once, whenever it is asked."""
    await asyncio.sleep(0.01)
    done = int(now() * 10)
    return Answer(since + 1, done, 10_000, ("1",))


async def idle(world: World, since: int, wait: float) -> Answer:
    """A long task: once an answer, then never anything new."""
    if since != 7:
        return Answer(7, 1, 10, ("1",))
    await asyncio.sleep(wait)
    return Answer(7, 1, 10, ("1",))


def with_metadata(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], **changes}}
