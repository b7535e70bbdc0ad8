"""Clusters in the simulated world, where one number is what matters."""

import asyncio

from tests.simulation import loop as virtual
from tests.simulation.cases import Case
from tests.simulation.result import Result
from tests.simulation.scenarios.clusters import LARGE
from tests.simulation.world import World


def test_three_hundred_workers_are_made_without_a_hitch_and_without_a_flood() -> None:
    async def live() -> World:
        world = World(Case(LARGE.name), LARGE)
        (key,) = world.subjects
        world.server.create(LARGE.manifest())
        async with asyncio.timeout(300):
            while (world.server.get(key).get("status") or {}).get("phase") != "Ready":  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        return world

    world = virtual.run(live())
    client = world.operator.client
    assert set(world.operator.results) == {"ok"}
    assert client.most_at_once <= 64
    # Service, Secret, NetworkPolicy, 301 pods, Events; a status for each tenth of the workers at most.
    assert client.attempted <= 3 + 301 + 2 + 14
    assert world.server.get(world.subjects[0])["status"]["workers"]["ready"] == 300


def test_a_saw_of_demand_costs_few_changes() -> None:
    async def live() -> tuple[Result, World]:
        world = World(Case("demand like a saw"))
        return await world.live(), world

    _, world = virtual.run(live())
    (made,) = world.clusters.pods_made.values()
    assert made <= 8
