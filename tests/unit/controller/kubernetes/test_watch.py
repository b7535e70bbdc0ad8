"""What lists and watches take out of the store, and how often they ask."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.verbs import Api, Listing, key_of
from daskflow.controller.kubernetes.watch import bring_up_to_date
from daskflow.plan.model import Key

from tests.simulation import loop, toy
from tests.unit.controller.toys import Toy


def test_a_pod_that_lost_our_label_is_not_taken_for_gone() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy", pods=1))
        await asyncio.sleep(0.5)
        key = Key("Pod", "default", "toy-0")
        pod = world.server.objects[key]
        world.server.update(key, metadata={**pod["metadata"], "labels": {}})
        await asyncio.sleep(0.5)
        assert world.operator.store.get(key) is not None

    loop.run(life())


@pytest.mark.parametrize("kind", ["Pod", "FlowRun"])
def test_a_watch_that_is_always_too_old_is_no_busy_loop(kind: str) -> None:
    async def life() -> None:
        world = Toy()
        world.server.forgotten[kind] = 10**9
        await asyncio.sleep(2)
        before = world.operator.client.calls
        await asyncio.sleep(60)
        assert world.operator.client.calls - before < 12

    loop.run(life())


RUN_BODY = {
    "apiVersion": "daskflow.dev/v1alpha1",
    "kind": "FlowRun",
    "metadata": {"name": "run", "namespace": "data", "uid": "r", "resourceVersion": "1"},
    "spec": {},
}


async def test_a_list_of_another_moment_begins_anew() -> None:
    """Its pages were too large: what the first ones told may be gone by now."""
    other = {**RUN_BODY, "metadata": {**RUN_BODY["metadata"], "name": "other", "uid": "o"}}

    class Pages:
        async def pages(self, kind: str, namespace: str | None, selector: str) -> AsyncIterator[Listing]:
            yield Listing((RUN_BODY, other), "2")
            yield Listing((RUN_BODY,), "3")

    store = Store(changed=lambda key: None)
    assert await bring_up_to_date(cast(Api, Pages()), store, "FlowRun", None) == "3"
    assert store.custom() == (key_of(RUN_BODY),)
