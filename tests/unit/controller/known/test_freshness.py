"""Who waits for a list hears of its pages, so that a server that is slow is not taken for a look that hangs.

What lists are for is tried in the simulation.
"""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from daskflow.controller.health import STUCK_SECONDS, Health
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import Listing
from daskflow.controller.queue import Queue
from daskflow.plan.model import Key

from tests.simulation import loop

PAGE_SECONDS = 20.0
PAGES = 12


class Slow:
    """An API server that has nothing to tell, page by page."""

    async def pages(
        self, kind: str, namespace: str | None = None, selector: str = "", name: str = ""
    ) -> AsyncGenerator[Listing, None]:
        for _ in range(PAGES):
            await asyncio.sleep(PAGE_SECONDS)
            yield Listing((), "5")


@pytest.mark.parametrize("kind", ["FlowRun", "FlowSchedule"])
def test_a_look_that_waits_for_long_lists_does_not_hang(kind: str) -> None:
    async def story() -> None:
        queue = Queue()
        health = Health(queue)
        refresher = Refresher(Slow(), Store(lambda key: None), ("a",), queue.heard)  # type: ignore[arg-type]
        done = list[Key]()

        async def look(key: Key) -> None:
            await refresher.refresh(key)
            done.append(key)

        # The second one comes when a list is under way, and waits for the next.
        early, late = Key(kind, "a", "early"), Key(kind, "a", "late")
        queue.add(early)
        queue.start(look)
        await asyncio.sleep(PAGE_SECONDS / 2)
        queue.add(late)
        while not queue.idle:
            health.answered()
            assert health.ailment() == ""
            await asyncio.sleep(1)
        assert done == [early, late]
        assert asyncio.get_running_loop().time() > 2 * STUCK_SECONDS

    loop.run(story())


def test_a_list_for_which_nobody_waits_any_more_can_be_ended() -> None:
    async def story() -> None:
        refresher = Refresher(Slow(), Store(lambda key: None), ("a",))  # type: ignore[arg-type]
        look = asyncio.create_task(refresher.refresh(Key("FlowRun", "a", "run")))
        await asyncio.sleep(PAGE_SECONDS / 2)
        look.cancel()
        await asyncio.wait([look])
        (left,) = refresher.lists
        left.cancel()
        await asyncio.wait([left])
        assert left.cancelled()
        assert not refresher.lists

    loop.run(story())
