"""Polling begins and ends with what the store says."""

import asyncio

import pytest
from daskflow.controller.known.observe import observe
from daskflow.plan.model import Key

from tests.simulation import loop
from tests.unit.controller.running import RUN, running
from tests.unit.controller.schedulers.world import World, idle, with_metadata


def test_following_ends_with_the_run_and_moves_with_the_attempt() -> None:
    async def life() -> None:
        world = World(idle)
        await world.live(30)
        run = world.store.get(RUN)
        assert run is not None
        world.poller.update(RUN)
        assert len(world.dialled) == 1
        world.store.put(with_metadata({**run, "status": {"phase": "Retrying"}}, resourceVersion="2"))
        world.poller.update(RUN)
        await asyncio.sleep(1)
        assert (len(world.poller), world.open) == (0, 0)
        assert observe(world.store, run, 0.0).counts is not None
        world.store.put(with_metadata(run, resourceVersion="3"))
        world.poller.update(RUN)
        await asyncio.sleep(30)
        assert len(world.dialled) == 2
        world.store.remove(RUN, run["metadata"]["uid"])
        world.poller.update(RUN)
        await asyncio.sleep(1)
        assert (len(world.poller), world.open) == (0, 0)
        assert observe(world.store, run, 0.0).counts is None

    loop.run(life())


def test_the_next_attempt_is_followed_though_its_beginning_was_not_seen() -> None:
    async def life() -> None:
        world = World(idle)
        await world.live(30)
        run, cluster, pod = running(ip="10.0.0.8")
        run["status"]["cluster"]["name"] = cluster["metadata"]["name"] = "etl-x-2"
        cluster["metadata"]["uid"] = pod["metadata"]["ownerReferences"][0]["uid"] = "cluster-2"
        cluster["status"]["scheduler"]["uid"] = pod["metadata"]["uid"] = "scheduler-2"
        pod["metadata"]["name"] = "etl-x-2-scheduler"
        for each in (cluster, pod, with_metadata(run, resourceVersion="2")):
            world.store.put(each)
        world.poller.update(RUN)
        await asyncio.sleep(30)
        assert [where.ip for _, where in world.dialled] == ["10.0.0.7", "10.0.0.8"]
        assert (len(world.poller), world.open) == (1, 1)
        counts = observe(world.store, run, 0.0).counts
        assert counts is not None
        assert counts.scheduler == "scheduler-2"

    loop.run(life())


def test_a_look_that_fails_leaves_the_reconcile_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        world = World(idle, runs=0)
        for each in running():
            each["metadata"].pop("creationTimestamp", None)
            world.store.put(each)

        async def reconcile(key: Key) -> float | None:
            return 5.0

        assert await world.poller.after(reconcile)(RUN) == 5.0
        assert "not polled" in caplog.text

    loop.run(life())
