"""The whole process, kopf included, against an API server that speaks HTTP."""

import aiohttp

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
                ("/healthz", "ok"),
                ("/readyz", "ok"),
            ):
                async with session.get(path) as answer:
                    assert answer.status == 200
                    assert text in await answer.text()
        assert not [path for method, path, _ in world.requests if method == "PATCH"]
