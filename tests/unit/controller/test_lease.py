"""The lease on a server: taken at once where it is free, waited for where not, lost and given back."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from daskflow.controller.kubernetes.verbs import TIMEOUT, ApiError
from daskflow.controller.lease import Lease
from daskflow.plan.lease import JITTER, LEASE_SECONDS, LOOK_SECONDS, RENEW_SECONDS, RETRY_SECONDS
from daskflow.plan.model import Key

from tests.simulation import loop
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client

KEY = Key("Lease", "daskflow-system", "daskflow")
LOOK = LOOK_SECONDS * (1 + JITTER) + 0.1
RENEWAL = RETRY_SECONDS * (1 + JITTER) + 0.1


class World:
    """A server, and those who want its lease."""

    def __init__(self) -> None:
        self.server = Server(Random(1))
        self.clients: dict[str, Client] = {}
        self.leases: list[Lease] = []
        self.tasks: list[asyncio.Task[None]] = []

    def lease(self, me: str) -> Lease:
        self.clients[me] = Client(self.server, Random(me))
        made = Lease(self.clients[me], KEY.namespace, KEY.name, me, instant, chance=Random(me), clock=time)
        self.leases.append(made)
        return made

    def keep(self, lease: Lease) -> "asyncio.Task[None]":
        self.tasks.append(asyncio.create_task(lease.keep()))
        return self.tasks[-1]

    @property
    def spec(self) -> Any:
        return self.server.objects[KEY]["spec"]


def time() -> float:
    return asyncio.get_running_loop().time()


def live(story: Callable[[World], Awaitable[None]]) -> None:
    async def within() -> None:
        world = World()
        await story(world)
        for task in world.tasks:
            task.cancel()

    loop.run(within())


async def taken(lease: Lease) -> float:
    """How long it took."""
    at = time()
    await lease.acquire()
    assert lease.held()
    return time() - at


def test_a_lease_that_nobody_holds_is_not_waited_for() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        assert not first.held()
        assert await taken(first) < 0.2
        assert world.spec["holderIdentity"] == "first"
        await first.release()
        assert not first.held()
        assert "holderIdentity" not in world.spec
        assert await taken(world.lease("second")) < 0.2
        assert world.spec["leaseTransitions"] == 1

    live(story)


def test_one_that_begins_anew_under_its_name_takes_up_what_it_had() -> None:
    async def story(world: World) -> None:
        await taken(world.lease("pod"))
        assert await taken(world.lease("pod")) < 0.2
        assert world.spec["leaseTransitions"] == 0

    live(story)


def test_a_holder_that_is_dead_is_waited_for_as_long_as_its_lease_lasts() -> None:
    async def story(world: World) -> None:
        await taken(world.lease("dead"))
        assert LEASE_SECONDS <= await taken(world.lease("next")) <= LEASE_SECONDS + LOOK

    live(story)


def test_a_holder_that_lives_keeps_it() -> None:
    async def story(world: World) -> None:
        first, second = world.lease("first"), world.lease("second")
        await taken(first)
        kept = world.keep(first)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(300):
                await second.acquire()
        assert first.held()
        assert not second.held()
        assert not kept.done()
        assert second.holder == "first"
        # Given back, it is taken at the next look.
        kept.cancel()
        await first.release()
        assert await taken(second) < LOOK

    live(story)


def test_who_hears_nothing_writes_no_longer_before_another_may() -> None:
    async def story(world: World) -> None:
        first, second = world.lease("first"), world.lease("second")
        await taken(first)
        kept = world.keep(first)
        standing = asyncio.create_task(taken(second))
        await asyncio.sleep(20)
        world.clients["first"].cut = True
        cut = time()
        await kept
        assert RENEW_SECONDS - RENEWAL <= time() - cut <= RENEW_SECONDS + RENEWAL
        assert not first.held()
        assert not second.held(), "nobody writes in between"
        await standing
        assert LEASE_SECONDS - RENEWAL <= time() - cut <= LEASE_SECONDS + LOOK

    live(story)


def test_one_that_was_frozen_knows_by_its_clock_alone() -> None:
    async def story(world: World) -> None:
        clock = [0.0]
        frozen = Lease(
            Client(world.server, Random(1)), *KEY[1:], me="frozen", now=instant, clock=lambda: clock[-1]
        )
        await frozen.acquire()
        assert frozen.held()
        clock.append(60.0)
        assert not frozen.held()

    live(story)


def test_a_renewal_that_took_effect_unheard_is_none() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        await taken(first)
        patch = world.clients["first"].patch

        async def unheard(*arguments: Any) -> Any:
            await patch(*arguments)
            raise ApiError(TIMEOUT, "lost")

        world.clients["first"].patch = unheard  # type: ignore[method-assign]
        at = time()
        await world.keep(first)
        assert RENEW_SECONDS <= time() - at <= RENEW_SECONDS + RENEWAL

    live(story)


def test_a_hand_that_edits_the_lease_ends_no_term() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        await taken(first)
        kept = world.keep(first)
        await asyncio.sleep(5)
        world.server.update(KEY, spec={**world.spec, "renewTime": "1999-01-01T00:00:00.000000Z"})
        await asyncio.sleep(60)
        assert first.held()
        assert not kept.done()

    live(story)


def test_a_lease_that_another_has_is_lost_at_the_next_renewal() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        await taken(first)
        kept = world.keep(first)
        await asyncio.sleep(5)
        world.server.update(KEY, spec={**world.spec, "holderIdentity": "thief"})
        at = time()
        await kept
        assert time() - at < RENEWAL
        assert not first.held()
        await first.release()
        assert world.spec["holderIdentity"] == "thief"

    live(story)


def test_a_lease_that_was_deleted_is_made_again_by_its_holder() -> None:
    async def story(world: World) -> None:
        first, second = world.lease("first"), world.lease("second")
        await taken(first)
        world.keep(first)
        standing = asyncio.create_task(second.acquire())
        await asyncio.sleep(10)
        world.server.delete(KEY)
        await asyncio.sleep(60)
        assert first.held()
        assert world.spec["holderIdentity"] == "first"
        assert not standing.done()
        standing.cancel()

    live(story)


def test_no_answer_is_waited_for_as_long_as_the_lease_lasts() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        await taken(first)
        patch, hangs = world.clients["first"].patch, [True]

        async def hang(*arguments: Any) -> Any:
            if hangs.pop() if hangs else False:
                await asyncio.sleep(3600)
            return await patch(*arguments)

        world.clients["first"].patch = hang  # type: ignore[method-assign]
        kept = world.keep(first)
        await asyncio.sleep(30)
        assert first.held()
        assert not kept.done()

    live(story)


def test_giving_back_takes_a_second_at_most() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        await taken(first)
        world.clients["first"].cut = True
        at = time()
        await first.release()
        assert time() - at <= 1.0
        assert not first.held()

    live(story)


def test_a_renewal_counts_from_when_it_was_sent() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        create = world.clients["first"].create

        async def slow(*arguments: Any) -> Any:
            made = await create(*arguments)
            await asyncio.sleep(3)
            return made

        world.clients["first"].create = slow  # type: ignore[method-assign]
        at = time()
        await first.acquire()
        await asyncio.sleep(at + RENEW_SECONDS - 0.1 - time())
        assert first.held()
        await asyncio.sleep(0.3)
        assert not first.held()

    live(story)


def test_what_takes_it_and_is_cancelled_is_given_back() -> None:
    async def story(world: World) -> None:
        first = world.lease("first")
        create, made = world.clients["first"].create, asyncio.Event()

        async def slow(*arguments: Any) -> Any:
            answer = await create(*arguments)
            made.set()
            await asyncio.sleep(1)
            return answer

        world.clients["first"].create = slow  # type: ignore[method-assign]
        taking = asyncio.create_task(first.acquire())
        await made.wait()
        taking.cancel()
        await first.release()
        assert "holderIdentity" not in world.spec
        assert await taken(world.lease("second")) < LOOK

    live(story)
