"""Nobody waits for another's thousands: slots for API calls, and the queue of keys."""

import asyncio
from random import Random
from typing import Any

import pytest
from daskflow.controller.apply import Applier
from daskflow.controller.fairness import Slots, Turns
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.plan.model import Key, Object, Patch, Plan

from tests.simulation import loop, toy
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client


class Slow(Client):
    """Makes a hundred objects a second, first come, first served."""

    def __init__(self) -> None:
        super().__init__(Server(Random(1)), Random(1))
        self._next = 0.0

    async def create(self, body: Object) -> Object:
        at = self._next = max(self._next, asyncio.get_running_loop().time()) + 0.01
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        return self.server.create(body)


def owner(api: Client, name: str, namespace: str) -> Object:
    return api.server.create({**toy.parent(name, namespace=namespace), "status": {}})


@pytest.mark.parametrize("namespace", ["default", "other"])
def test_a_small_run_beside_a_cluster_of_2000_workers_has_its_pods_within_a_second(namespace: str) -> None:
    async def life() -> None:
        api = Slow()
        store = Store(changed=lambda key: None)
        applier = Applier(api, store, Recorder(api, instant))
        large, small = owner(api, "large", "default"), owner(api, "small", namespace)
        many = Plan(creates=tuple(toy.child(large, "Pod", f"large-{n}") for n in range(2000)))
        few = Plan(creates=tuple(toy.child(small, "Pod", f"small-{n}") for n in range(3)))
        task = asyncio.create_task(applier.apply(large, many))
        await asyncio.sleep(2)
        began = asyncio.get_running_loop().time()
        await applier.apply(small, few)
        assert asyncio.get_running_loop().time() - began < 0.5
        await task
        assert sum(key.kind == "Pod" for key in api.server.objects) == 2003
        assert asyncio.get_running_loop().time() < 21, "slots are no brake"

    loop.run(life())


def test_who_takes_what_is_there_waits_for_nothing_that_is_made() -> None:
    """On an API server that makes a hundred objects a second, and has two thousand to make."""

    async def life() -> None:
        api = Slow()
        applier = Applier(api, Store(changed=lambda key: None), Recorder(api, instant))
        taker = owner(api, "taker", "default")
        child = api.server.create(toy.child(taker, "Service", "waits"))
        owners = [owner(api, f"pool-{n}", "default") for n in range(8)]
        making = [
            applier.apply(
                each, Plan(creates=tuple(toy.child(each, "Service", f"{name}-{n}") for n in range(250)))
            )
            for each in owners
            if (name := each["metadata"]["name"])
        ]
        tasks = [asyncio.create_task(each) for each in making]
        await asyncio.sleep(2)
        began = asyncio.get_running_loop().time()
        meta = child["metadata"]
        patch = Patch(Key("Service", "default", "waits"), meta["uid"], {"spec": {"x": 1}})
        await applier.apply(taker, Plan(patches=(patch,)))
        assert asyncio.get_running_loop().time() - began < 0.1
        await asyncio.gather(*tasks)

    loop.run(life())


@pytest.mark.parametrize("seed", range(20))
def test_slots_are_bounded_and_never_lost(seed: int) -> None:
    chance = Random(seed)
    slots, at_once, keys = Slots(4, 2), [0], [Key("Pod", f"n{n % 2}", str(n)) for n in range(5)]

    async def use(key: Key) -> None:
        async with slots.slot(key):
            at_once[0] += 1
            assert at_once[0] <= 4
            await asyncio.sleep(chance.random())
            at_once[0] -= 1

    async def cancelled(task: "asyncio.Task[Any]") -> None:
        await asyncio.sleep(chance.random() * 5)
        if task.cancel():
            await asyncio.gather(task, return_exceptions=True)

    async def life() -> None:
        await asyncio.gather(*(use(chance.choice(keys)) for _ in range(60)))
        waiting = [asyncio.create_task(_hold(slots, keys[0])) for _ in range(30)]
        await asyncio.gather(*(cancelled(task) for task in waiting))
        assert slots._free == 4
        assert not slots._taken
        assert not slots._waiting

    loop.run(life())


async def _hold(slots: Slots, key: Key) -> None:
    async with slots.slot(key):
        await asyncio.sleep(1)


def test_namespaces_take_turns() -> None:
    turns = Turns()
    for n in range(100):
        turns.append(Key("FlowRun", "crowded", str(n)))
    turns.append(Key("FlowRun", "quiet", "0"))
    turns.append(Key("FlowRun", "quiet", "1"))
    order = [turns.popleft() for _ in range(102)]
    assert [key.namespace for key in order[:4]] == ["crowded", "quiet"] * 2
    assert [key.name for key in order if key.namespace == "crowded"] == [str(n) for n in range(100)]
    with pytest.raises(IndexError):
        turns.popleft()
