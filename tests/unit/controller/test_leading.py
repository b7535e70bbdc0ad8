"""Who stands by hears everything, does nothing and costs little; who takes over settles what was left."""

import asyncio
from collections.abc import Awaitable, Callable

from daskflow.controller.kubernetes.kinds import CHILDREN
from daskflow.controller.leading import Leading
from daskflow.controller.queue import Queue
from daskflow.plan.lease import LEASE_SECONDS
from daskflow.plan.model import Key

from tests.simulation import loop, toy
from tests.simulation.operators.process import Operator
from tests.unit.controller.running import RUN as POLLED
from tests.unit.controller.schedulers.world import World, idle
from tests.unit.controller.toys import RUN, Toy


def live(story: Callable[[Toy], Awaitable[None]]) -> None:
    async def within() -> None:
        await story(Toy(identity="first"))

    loop.run(within())


async def second(world: Toy) -> Operator:
    """It stands by, and has listed everything."""
    await asyncio.sleep(2)
    standing = world.restart("second")
    await asyncio.sleep(2)
    assert not standing.leading.works()
    return standing


def test_who_stands_by_hears_everything_and_does_nothing() -> None:
    async def story(world: Toy) -> None:
        first = world.operator
        standing = await second(world)
        calls = standing.client.calls
        seconds, lists = 600.0, list[str]()
        pages = standing.client.pages
        standing.client.pages = lambda kind, *rest: lists.append(kind) or pages(kind, *rest)  # type: ignore[method-assign, func-returns-value]
        world.server.create(toy.parent("toy"))
        await world.until_done()
        assert standing.store.get(RUN) == first.store.get(RUN)
        for number in range(50):
            name = f"toy-{number}"
            world.server.create(toy.parent(name, 1))
            world.server.delete(RUN._replace(name=name))
        await asyncio.sleep(seconds)
        assert not standing.leading.works()
        assert not lists, "what it missed it hears of when it begins to lead"
        assert standing.client.calls - calls <= seconds + 1, "it looks at the lease once a second"
        assert standing.client.writes == 0
        assert standing.queue.depth == 0, "it remembers no keys"
        assert standing.counted.plans == 0

    live(story)


def test_who_takes_over_lists_children_once_and_settles_what_was_left() -> None:
    async def story(world: Toy) -> None:
        first = world.operator
        standing = await second(world)
        lists = list[str]()
        pages = standing.client.pages
        standing.client.pages = lambda kind, *rest: lists.append(kind) or pages(kind, *rest)  # type: ignore[method-assign, func-returns-value]
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(0.5)
        first.kill()
        at = asyncio.get_running_loop().time()
        await world.until_done()
        took = standing.terms[0] - at
        assert took <= LEASE_SECONDS + 2
        assert sorted(lists) == sorted(("DaskCluster", *CHILDREN))
        assert world.pods_made == 3

    live(story)


def test_a_lease_that_is_given_back_is_taken_up_within_two_seconds() -> None:
    async def story(world: Toy) -> None:
        first = world.operator
        standing = await second(world)
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(0.5)
        at = asyncio.get_running_loop().time()
        await first.stop()
        await world.until_done()
        assert standing.terms[0] - at <= 2
        assert world.pods_made == 3

    live(story)


def test_who_has_lost_the_lease_stands_by_and_leads_again_when_it_can() -> None:
    async def story(world: Toy) -> None:
        first = world.operator
        await asyncio.sleep(5)
        first.client.cut = True
        await asyncio.sleep(30)
        assert not first.leading.works()
        first.client.cut = False
        world.server.create(toy.parent("toy"))
        # Its watches find out by their silence.
        await world.until_done()
        assert len(first.terms) == 2
        assert world.pods_made == 3

    live(story)


def test_who_takes_over_undoes_no_edit_that_it_saw_while_another_led() -> None:
    async def story(world: Toy) -> None:
        standing = await second(world)
        world.server.create(toy.parent("toy"))
        await world.until_done()
        standing.store.hand_edits._before[RUN] = {"phase": "Open"}
        before = world.server.objects[RUN]
        await world.operators[0].stop()
        await asyncio.sleep(5)
        assert len(standing.terms) == 1
        assert world.server.objects[RUN] == before

    live(story)


def test_no_scheduler_is_asked_any_more_for_a_look_that_ended_after_the_term() -> None:
    async def story() -> None:
        world, queue = World(idle), Queue()

        async def look(key: Key) -> None:
            await asyncio.sleep(0.5)

        queue.start(world.poller.after(look))
        queue.add(POLLED)
        await asyncio.sleep(0.1)
        await Leading(queue).halt(world.poller)
        await asyncio.sleep(1)
        assert (len(world.poller), world.open) == (0, 0)

    loop.run(story())
