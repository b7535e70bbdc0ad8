"""Orders reach schedulers at once and once, demand comes back, and silence is told: in virtual time."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.controller.schedulers.answers import Answer, ControlError
from daskflow.controller.schedulers.polling import Poller
from daskflow.controller.schedulers.wire import Listener, Overruled
from daskflow.plan.model import GroupOrder, Key, ScaleOrder, Scaling

from tests.simulation import loop
from tests.unit.controller.running import running

CLUSTER = Key("DaskCluster", "data", "etl-x-1")
THREE, TWO = ({"default": GroupOrder(count, 60)} for count in (3, 2))


def order(groups: Any = None, *, revision: int = 1, watch: bool = True) -> ScaleOrder:
    """An order for the cluster's scheduler."""
    return ScaleOrder("scheduler-1", revision, THREE if groups is None else groups, watch)


class World:
    """A cluster that no run tells of, and its scheduler's listener."""

    def __init__(self) -> None:
        self.store = Store(changed=self._changed)
        for each in running(phase="Starting"):
            self.store.put(each)
        self.heard: list[tuple[float, Scaling | None]] = []
        self.taken: list[tuple[float, ScaleOrder]] = []
        self.questions: list[float] = []
        self.dialled = self.open = 0
        self.fails: Callable[[], Exception | None] = lambda: None
        self.state = Answer(1, 0, 0, ("1",))
        self.news = asyncio.Event()
        self.poller = Poller(self.store, b"k" * 32, dial=self.dial, chance=Random(1))

    def _changed(self, key: Key) -> None:
        if key == CLUSTER and hasattr(self, "heard"):
            self.heard.append((now(), self.scaling))

    @property
    def scaling(self) -> Scaling | None:
        body = self.store.get(CLUSTER)
        return None if body is None else observe(self.store, body, 0.0).scaling

    def tells(self, **news: Any) -> None:
        self.state = Answer(self.state.version + 1, 0, 0, ("1",), **news)
        self.news.set()

    def wishes(self, wish: ScaleOrder | None) -> None:
        self.poller.set_order(CLUSTER, wish)
        self.poller.update(CLUSTER)

    async def dial(self, listener: Listener, root_key: bytes) -> "World":
        self.dialled += 1
        self._answer()
        self.open += 1
        return self

    def _answer(self) -> None:
        if error := self.fails():
            raise error

    async def watch(self, since: int, wait: float) -> Answer:
        self.questions.append(now())
        self._answer()
        if since == self.state.version:
            self.news.clear()
            try:
                async with asyncio.timeout(wait):
                    await self.news.wait()
            except TimeoutError:
                pass
        return self.state

    async def scale(self, wish: ScaleOrder) -> Answer:
        self._answer()
        self.taken.append((now(), wish))
        return self.state

    def close(self) -> None:
        self.open -= 1


def now() -> float:
    return asyncio.get_running_loop().time()


def test_an_order_is_delivered_at_once_and_its_answer_is_heard() -> None:
    async def life() -> None:
        world = World()
        world.tells(retiring=frozenset({"w-1"}), held={"w-2": "1 actor"})
        world.wishes(order())
        await asyncio.sleep(0.1)
        assert [wish for _, wish in world.taken] == [order()]
        scaling = world.scaling
        assert scaling is not None
        assert (scaling.retiring, scaling.held, scaling.taken) == ({"w-1"}, {"w-2": "1 actor"}, THREE)

    loop.run(life())


def test_nobody_is_asked_who_has_nothing_to_hear_or_to_tell() -> None:
    async def life() -> None:
        world = World()
        world.wishes(None)
        await asyncio.sleep(60)
        assert world.dialled == 0

    loop.run(life())


def test_an_order_without_watch_is_told_once_and_the_line_is_dropped() -> None:
    async def life() -> None:
        world = World()
        world.wishes(order(watch=False))
        await asyncio.sleep(0.1)
        world.wishes(order(watch=False, revision=2))
        await asyncio.sleep(300)
        assert (len(world.taken), world.open, len(world.poller)) == (1, 0, 0)
        assert world.scaling is None

    loop.run(life())


def test_another_order_interrupts_the_long_poll() -> None:
    async def life() -> None:
        world = World()
        world.wishes(order())
        await asyncio.sleep(20)
        world.wishes(order(TWO, revision=2))
        await asyncio.sleep(0.2)
        assert [wish.groups for _, wish in world.taken] == [THREE, TWO]
        world.wishes(order(TWO, revision=3))
        await asyncio.sleep(120)
        assert len(world.taken) == 2

    loop.run(life())


def test_demand_is_heard_within_a_second_and_asked_for_again_after_one() -> None:
    async def life() -> None:
        world = World()
        world.wishes(order())
        await asyncio.sleep(20)
        world.heard.clear()
        for demand in range(1, 30):
            world.tells(demand={"default": demand})
            await asyncio.sleep(0.1)
        at, first = world.heard[0]
        assert first is not None
        assert (at, first.demand) == (20.0, {"default": 1})
        await asyncio.sleep(2)
        last = world.heard[-1][1]
        assert last is not None
        assert last.demand == {"default": 29}
        assert len(world.heard) <= 5

    loop.run(life())


def test_a_scheduler_that_does_not_answer_is_lost_after_a_while_and_may_come_back() -> None:
    async def life() -> None:
        world = World()
        world.fails = lambda: ControlError("silence")
        world.wishes(order())
        await asyncio.sleep(29)
        assert world.scaling is None
        await asyncio.sleep(12)
        assert world.scaling == Scaling("scheduler-1", lost=True)
        world.fails = lambda: None
        await asyncio.sleep(10)
        assert world.scaling is not None
        assert not world.scaling.lost
        assert len(world.taken) == 1

    loop.run(life())


def test_an_overruled_order_is_tried_again_and_takes_nobody_for_lost() -> None:
    async def life() -> None:
        world = World()
        world.fails = lambda: Overruled("revision 9") if world.open else None
        world.wishes(order())
        await asyncio.sleep(120)
        assert world.scaling is None
        assert 10 < world.dialled < 60
        world.fails = lambda: None
        world.wishes(order(TWO, revision=10))
        await asyncio.sleep(1)
        assert [wish.revision for _, wish in world.taken] == [10]

    loop.run(life())


def test_with_its_cluster_all_of_it_is_forgotten() -> None:
    async def life() -> None:
        world = World()
        world.wishes(order())
        await asyncio.sleep(5)
        world.store.remove(CLUSTER, "cluster-1")
        world.poller.update(CLUSTER)
        await asyncio.sleep(1)
        assert (len(world.poller), world.open) == (0, 0)

    loop.run(life())


def test_what_was_told_in_an_earlier_term_is_told_again() -> None:
    async def life() -> None:
        world = World()
        world.wishes(order())
        await asyncio.sleep(0.1)
        # Another leads, and may have told it anything.
        await world.poller.stop()
        world.wishes(order())
        await asyncio.sleep(0.1)
        assert [wish.groups for _, wish in world.taken] == [THREE, THREE]

    loop.run(life())
