"""What keeps the operator alive and honest over days, and is met too seldom to be missed at once."""

import asyncio
import logging
from random import Random
from typing import Any

import aiohttp
import pytest
from daskflow.controller.known.store import Store
from daskflow.controller.known.write_answers import REFUSED_SECONDS_AT_MOST, WriteAnswers
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.metrics import STUCK_SECONDS, Metrics
from daskflow.controller.queue import Queue
from daskflow.plan.model import Key, Object, Observed, Plan, Refusal

from tests.simulation import loop, toy
from tests.unit.controller.test_mechanics import RUN, Toy, _pod

POD = Key("Pod", "default", "w")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


async def test_a_worker_that_hangs_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue()
    metrics = Metrics(Store(changed=queue.add), queue)
    server = await metrics.serve(0, asyncio.Event())
    # Each family of addresses has a port of its own.
    port = next(address[1] for address in server.addresses if ":" not in address[0])
    url = f"http://127.0.0.1:{port}/healthz"
    try:
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as answer:
                assert answer.status == 200
            monkeypatch.setattr(queue, "longest", lambda now: STUCK_SECONDS + 1)
            async with session.get(url) as answer:
                assert answer.status == 500
                assert "at one object" in await answer.text()
    finally:
        await server.cleanup()


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


def test_answers_go_with_the_object_they_were_for() -> None:
    store = Store(changed=lambda key: None)
    run = {**toy.parent("toy"), "metadata": {"name": "toy", "namespace": "default", "uid": "r"}}
    store.put({**run, "metadata": {**run["metadata"], "resourceVersion": "1"}})
    store.answers.succeeded("r", Key("Secret", "default", "toy"), readable=False)
    store.answers.refuse("r", Refusal(POD, 403, "no"), 0.0)
    store.remove(RUN, "r")
    assert not store.answers.created(["r"])
    assert not store.answers.refusals(["r"], 0.0)


def test_a_refusal_is_believed_for_longer_each_time_and_for_a_minute_at_most() -> None:
    answers, now, waits = WriteAnswers(), 0.0, []
    for _ in range(6):
        answers.refuse("r", Refusal(POD, 403, "no"), now)
        (refusal,) = answers.refusals(["r"], now)
        assert not refusal.retry
        until = answers.next_expiry(["r"], now)
        assert until is not None
        waits.append(until - now)
        now = until
        (refusal,) = answers.refusals(["r"], now)
        assert refusal.retry
    assert waits == [10.0, 20.0, 40.0, *[REFUSED_SECONDS_AT_MOST] * 3]


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


@pytest.mark.parametrize("seed", range(3))
def test_looks_that_get_on_are_not_put_off_for_minutes(seed: int) -> None:
    """Of a hundred pods one is made at a time; each other create is answered with 429."""

    async def life() -> None:
        world, count = Toy(seed), 0

        def refuse(body: Object) -> ApiError | None:
            nonlocal count
            count += body["kind"] == "Pod"
            return ApiError(429, "TooManyRequests") if body["kind"] == "Pod" and count % 4 else None

        world.server.refuse = refuse
        world.server.create(toy.parent("toy", pods=40))
        assert await world.until_done(120) < 100

    loop.run(life())


def test_who_is_dead_stays_dead_whoever_tells_of_it_late() -> None:
    store = Store(changed=lambda key: None)
    store.put(_pod("w", 5, "c"))
    store.remove(POD, "w")
    assert not store.put(_pod("w", 6, "c")), "an answer to a patch that was sent before"
    assert store.get(POD) is None
    another = _pod("v", 9, "c")
    another["metadata"]["name"] = "w"
    assert store.put(another)
    assert not store.put(_pod("w", 10, "c")), "the one that had the name before"
    assert store.has(POD, "v")


def test_a_new_generation_is_tried_at_once() -> None:
    async def life() -> None:
        world = Toy(planner=planner)
        refused = ApiError(422, "Invalid", "spec")
        world.server.refuse = lambda body: refused if body["kind"] == "Pod" else None
        world.server.create(toy.parent("toy", pods=1))
        await asyncio.sleep(100)  # by now a refusal is believed for a minute
        world.server.refuse = lambda body: None
        spec = world.server.objects[RUN]["spec"]
        world.server.update(RUN, spec={**spec, "changed": True})
        await asyncio.sleep(1)
        assert world.pods_made == 1

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        return toy.plan(resource, seen, now)

    loop.run(life())


def test_a_sentence_is_told_again_when_it_is_true_again() -> None:
    async def life() -> None:
        world = Toy(planner=planner)
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(2)
        for n in (1, 2):
            spec = world.server.objects[RUN]["spec"]
            world.server.update(RUN, spec={**spec, "n": n})
            await asyncio.sleep(2 * 3600)
        told = [entry for entry in world.server.history["Event"] if entry[1] == "ADDED"]
        assert len(told) == 3

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        from daskflow.plan.model import Event

        n = resource["spec"].get("n", 0)
        if resource["status"].get("n") == n:
            return Plan()
        return Plan(status={"n": n}, events=(Event("Normal", "Suspended", "It is suspended."),))

    loop.run(life())
