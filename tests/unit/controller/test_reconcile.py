"""A toy planner's lives: through storms, deaths and lost events, with planners that err."""

import asyncio
import gc
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.controller.kubernetes.events import QUIET_SECONDS
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.reconcile import ROUNDS
from daskflow.plan.model import Object, Observed, Plan

from tests.simulation import loop, toy
from tests.simulation.operators.client import STORM
from tests.unit.controller.toys import RUN, Toy


def test_a_life_takes_few_writes() -> None:
    async def life() -> None:
        world = Toy()
        world.server.create(toy.parent("toy"))
        assert await world.until_done() < 5
        await asyncio.sleep(QUIET_SECONDS * 2)
        # 2 of status, Service, Secret, 3 pods, 4 deletes, 2 events
        assert world.operator.client.writes == 13
        assert world.pods_made == 3

    loop.run(life())


@pytest.mark.parametrize("seed", range(200))
def test_a_life_in_a_storm(seed: int) -> None:
    async def life() -> None:
        # A pod that lands when all is done is there for whoever is its owner to remove, which a toy is not.
        world = Toy(seed, replace(STORM, late=0.0))
        world.server.create(toy.parent("toy"))
        await world.until_done()
        assert world.pods_made == 3

    loop.run(life())


@pytest.mark.parametrize("at", range(1, 14))
def test_death_after_each_write(at: int) -> None:
    async def life() -> None:
        world = Toy()
        victim = world.operator

        def die(number: int) -> None:
            if number == at:
                victim.kill()
                asyncio.get_running_loop().call_later(5, world.restart)

        victim.client.after_write = die
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(20)
        await world.until_done()
        assert world.operator is not victim
        assert world.pods_made == 3

    loop.run(life())


@pytest.mark.parametrize("number", range(1, 25))
def test_each_event_dropped(number: int) -> None:
    async def life() -> None:
        world = Toy()
        world.operator.client.drop = lambda n, type_, body: n == number
        world.server.create(toy.parent("toy"))
        await world.until_done(400)
        assert world.pods_made == 3

    loop.run(life())


def test_same_seed_same_life() -> None:
    async def life() -> list[tuple[int, str]]:
        world = Toy(7, STORM)
        world.server.create(toy.parent("toy"))
        await world.until_done()
        return [
            (entry[0], entry[1])
            for kind in ("FlowRun", "Pod", "Service")
            for entry in world.server.history[kind]
        ]

    assert loop.run(life()) == loop.run(life())


def test_a_planner_that_raises_hurts_only_its_object(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        if resource["metadata"]["name"] == "bad":
            raise ZeroDivisionError("by nature")
        return toy.plan(resource, seen, now)

    async def life() -> None:
        world = Toy(planner=planner)
        world.server.create(toy.parent("bad"))
        world.server.create(toy.parent("toy"))
        await world.until_done()
        await asyncio.sleep(1000)
        assert world.operator.results["bug"] < 20
        told = [
            body for key, body in world.server.objects.items() if key.kind == "Event" and "bad" in key.name
        ]
        assert [(body["type"], body["reason"]) for body in told] == [("Warning", "InternalError")]

    loop.run(life())


def test_a_planner_that_never_rests_is_slowed_down() -> None:
    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        return Plan(status={"n": resource["status"].get("n", 0) + 1})

    async def life() -> None:
        world = Toy(planner=planner)
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(3600)
        assert world.status()["n"] < 30 * ROUNDS

    loop.run(life())


def test_a_planner_that_wants_to_be_asked_in_the_past_is_asked_once_a_second() -> None:
    looks = 0

    def planner(resource: Object, seen: Observed, now: Any) -> Plan:
        nonlocal looks
        looks += 1
        return Plan(requeue_at=now - timedelta(seconds=27))

    async def life() -> None:
        world = Toy()
        world.operator.counted.planners["FlowRun"] = planner  # not counted: that raises
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(60)
        assert 50 < looks < 70

    loop.run(life())


def test_the_simulation_does_not_take_such_a_planner() -> None:
    async def life() -> None:
        world = Toy(planner=lambda resource, seen, now: Plan(requeue_at=now))
        world.server.create(toy.parent("toy"))
        await asyncio.sleep(5)
        with pytest.raises(AssertionError, match="wants to be planned at"):
            world.operator.check()

    loop.run(life())


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


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


def test_writes_that_wait_for_their_turn_when_it_ends_are_never_begun(
    recwarn: pytest.WarningsRecorder,
) -> None:
    async def life() -> None:
        world = Toy()
        world.server.changed.append(lambda *_: world.operator.kill() if world.pods_made == 20 else None)
        world.server.create(toy.parent("toy", pods=100))
        await asyncio.sleep(10)
        assert 20 <= world.pods_made < 100

    loop.run(life())
    gc.collect()
    assert not [str(each.message) for each in recwarn if each.category is RuntimeWarning]
