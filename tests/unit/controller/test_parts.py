"""The parts of the process on an API server that speaks HTTP; the whole of it is tried in test_main."""

import aiohttp
import pytest
from daskflow.controller.kubernetes.kinds import CHILDREN, CONFIG_MAPS, CUSTOM, DASK_KUBERNETES
from daskflow.controller.parts import planners, wired
from daskflow.controller.settings import load_settings, process_settings

from tests.ports import reserved_port
from tests.simulation.kubernetes.http import HttpServer


async def test_probes_answer_and_every_kind_is_to_be_listed_before_anything_is(
    world: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = reserved_port()
    monkeypatch.setenv("DASKFLOW_METRICS_PORT", str(port))
    monkeypatch.setenv("DASKFLOW_NAMESPACES", "a,b")
    parts = await wired(process_settings())
    try:
        assert len(parts.informers) == 2 * len((*CUSTOM, *CHILDREN, CONFIG_MAPS))
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            for path, said in (("/healthz", (200, "ok\n")), ("/readyz", (503, "listing\n"))):
                async with session.get(path) as answer:
                    assert (answer.status, await answer.text()) == said
        assert not parts.leading.works()
        settings = await load_settings(parts.connections[0], process_settings().defaults)
        assert set(planners(settings)) == {*CUSTOM, *DASK_KUBERNETES}
    finally:
        await parts.server.cleanup()
        for connection in parts.connections:
            await connection.close()
