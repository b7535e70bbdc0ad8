"""The real client and the whole process (kopf included) against an API server that speaks HTTP."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from daskflow.controller.api import ApiError
from daskflow.controller.kinds import OURS
from daskflow.controller.kubernetes_api import KubernetesApi, connect
from daskflow.plan.model import Key

from tests.simulation import toy
from tests.simulation.http import HttpServer
from tests.simulation.scenarios import RUN, SCENARIOS

RUN_TOY = Key("FlowRun", "default", "toy")


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpServer]:
    server = HttpServer()
    await server.start()
    config = tmp_path / "kubeconfig"
    config.write_text(server.kubeconfig())
    monkeypatch.setenv("KUBECONFIG", str(config))
    monkeypatch.setattr("kubernetes.aio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(config))
    yield server
    await server.stop()


@pytest.fixture
async def api(world: HttpServer) -> AsyncIterator[KubernetesApi]:
    made = await connect()
    yield made
    await made.close()


async def test_the_seven_verbs(world: HttpServer, api: KubernetesApi) -> None:
    run = await api.create(toy.parent("toy"))
    uid = run["metadata"]["uid"]
    method, path, headers = world.requests[-1]
    assert (method, path) == (
        "POST",
        "/apis/daskflow.dev/v1alpha1/namespaces/default/flowruns?fieldValidation=Strict",
    )
    assert headers["User-Agent"].startswith("daskflow-operator/")
    assert headers["Authorization"] == "Bearer secret-token"
    assert (await api.get(RUN_TOY))["metadata"]["uid"] == uid
    written = await api.replace_status({**run, "status": {"phase": "Open"}})
    assert written["status"] == {"phase": "Open"}
    with pytest.raises(ApiError) as conflict:
        await api.replace_status({**run, "status": {"phase": "Other"}})
    assert conflict.value.status == 409
    patched = await api.patch(RUN_TOY, uid, {"spec": {"pods": 1}})
    assert patched["spec"] == {"pods": 1}
    assert world.requests[-1][2]["Content-Type"] == "application/merge-patch+json"
    with pytest.raises(ApiError) as other:
        await api.patch(RUN_TOY, "another", {"spec": {"pods": 2}})
    assert other.value.status == 409
    await api.delete(RUN_TOY, uid)
    with pytest.raises(ApiError) as gone:
        await api.get(RUN_TOY)
    assert gone.value.status == 404


async def test_a_list_has_all_pages_and_kinds(world: HttpServer, api: KubernetesApi) -> None:
    owner = world.server.create(toy.parent("toy"))
    for n in range(1001):
        world.server.create(toy.child(owner, "Pod", f"toy-{n}"))
    listing = await api.list("Pod", None, OURS)
    assert len(listing.items) == 1001
    assert {(body["kind"], body["apiVersion"]) for body in listing.items} == {("Pod", "v1")}
    assert int(listing.version) == world.server.version


async def test_a_watch_tells_what_follows(world: HttpServer, api: KubernetesApi) -> None:
    owner = world.server.create(toy.parent("toy"))
    listing = await api.list("Pod", None, OURS)
    world.server.create(toy.child(owner, "Pod", "toy-0"))
    world.server.delete(Key("Pod", "default", "toy-0"))
    watch = api.watch("Pod", None, OURS, listing.version)
    assert [(await anext(watch)).type for _ in range(2)] == ["ADDED", "DELETED"]
    await watch.aclose()
    world.server.forget_history("Pod")
    with pytest.raises(ApiError) as gone:
        await anext(api.watch("Pod", None, OURS, listing.version))
    assert gone.value.status == 410


async def test_no_answer_is_an_api_error(world: HttpServer, api: KubernetesApi) -> None:
    await world.stop()
    with pytest.raises(ApiError) as error:
        await api.get(RUN_TOY)
    assert error.value.passing


async def test_the_process_plans_what_kopf_hears_and_stops_at_once(world: HttpServer) -> None:
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "daskflow.controller",
        env={**os.environ, "DASKFLOW_METRICS_PORT": str(port)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        world.server.create(SCENARIOS["success"].run())
        await _changed(world, lambda: any(key.kind == "Pod" for key in world.server.objects))
        # Not in the first list: this one reaches the operator through kopf's watch.
        later = RUN._replace(name="later")
        world.server.create({**SCENARIOS["success"].run(), "metadata": later._asdict()})
        await _changed(world, lambda: "phase" in world.server.objects[later]["status"])
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
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 5)
        log = (await process.stderr.read()).decode()
        assert process.returncode == 0, log
        assert "Traceback" not in log, log
    finally:
        if process.returncode is None:
            process.kill()
            print((await process.stderr.read()).decode())
            await process.wait()


async def _changed(world: HttpServer, holds: Callable[[], bool]) -> None:
    """Wait until something holds of the server's objects, looking after each change of them."""
    change = asyncio.Event()
    world.server.changed.append(lambda *_: change.set())
    async with asyncio.timeout(20):
        while not holds():
            change.clear()
            await change.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
