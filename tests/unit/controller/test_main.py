"""The whole process, kopf included, against an API server that speaks HTTP."""

import asyncio

import aiohttp
from daskflow.controller.main import _end
from daskflow.plan.model import Key

from tests.simulation.kubernetes.http import HttpServer
from tests.simulation.scenarios import RUN, SCENARIOS
from tests.unit.controller.process import changed, operating


async def test_the_process_plans_what_kopf_hears_and_stops_at_once(world: HttpServer) -> None:
    async with operating() as port:
        world.server.create(SCENARIOS["success"].run())
        await changed(world, lambda: any(key.kind == "Pod" for key in world.server.objects))
        # Not in the first list: this one reaches the operator through kopf's watch.
        later = RUN._replace(name="later")
        world.server.create({**SCENARIOS["success"].run(), "metadata": later._asdict()})
        await changed(world, lambda: "phase" in world.server.objects[later]["status"])
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            for path, text in (
                ("/metrics", 'daskflow_reconciles_total{kind="FlowRun",result="ok"}'),
                ("/metrics", "daskflow_leader 1.0"),
                ("/metrics", "daskflow_takeover_seconds_count 1.0"),
                ("/metrics", 'daskflow_runs{phase="Starting",reason='),
                ("/healthz", "ok"),
                ("/readyz", "ok"),
            ):
                async with session.get(path) as answer:
                    assert answer.status == 200
                    assert text in await answer.text()
        assert not [path for method, path, _ in world.requests if method == "PATCH"]


async def test_it_ends_in_time_whatever_hangs_and_gives_its_lease_back(world: HttpServer) -> None:
    lease = Key("Lease", "daskflow-system", "daskflow")
    async with operating():
        await changed(world, lambda: lease in world.server.objects)
        assert world.server.objects[lease]["spec"]["holderIdentity"]
        world.hanging = "POST"
        world.server.create(SCENARIOS["success"].run())
        await world.hung.wait()
    assert "holderIdentity" not in world.server.objects[lease]["spec"]


async def test_one_that_stands_by_is_ready_and_ends_unnoticed(world: HttpServer) -> None:
    async with operating() as first:
        await changed(world, lambda: any(key.kind == "Lease" for key in world.server.objects))
        async with operating() as second:
            await _says(second, "/readyz", "ok")
            await _says(first, "/metrics", "daskflow_leader 1.0")
            await _says(second, "/metrics", "daskflow_leader 0.0")
            # The second one ends first; the first goes on.
        world.server.create(SCENARIOS["success"].run())
        await changed(world, lambda: any(key.kind == "Pod" for key in world.server.objects))


async def test_kopf_has_a_second_to_end_by_itself_whatever_has_ended_before() -> None:
    told, ended = asyncio.Event(), list[str]()

    async def kopf() -> None:
        await told.wait()
        for _ in range(9):
            await asyncio.sleep(0)
        ended.append("kopf")

    async def signal() -> None:
        ended.append("signal")

    tasks = {each: asyncio.create_task(each()) for each in (kopf, signal)}
    await tasks[signal]
    other = asyncio.create_task(asyncio.Event().wait())
    told.set()
    await _end(tasks[kopf], {*tasks.values(), other})
    assert ended == ["signal", "kopf"]
    assert other.cancelled()


async def _says(port: int, path: str, text: str) -> None:
    """Wait until it does."""
    async with asyncio.timeout(30), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        while True:
            try:
                async with session.get(path) as answer:
                    if text in await answer.text():
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)
