"""What the probes say: readiness while rights are missing, liveness while a worker hangs."""

import asyncio
import logging

import aiohttp
import pytest
from daskflow.controller.known.store import Store
from daskflow.controller.metrics import STUCK_SECONDS, Metrics
from daskflow.controller.queue import Queue
from prometheus_client import generate_latest

from tests.unit.controller.expectations import RBAC


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


def metrics() -> Metrics:
    queue = Queue()
    return Metrics(Store(changed=queue.add), queue)


def test_a_list_that_may_not_be_made_is_not_ready_until_it_is() -> None:
    found, ready = metrics(), asyncio.Event()
    assert found.unready(ready) == "listing"
    ready.set()
    assert found.unready(ready) == ""
    found.requested("LIST", "Pod", 403, RBAC.format("list"))
    assert found.unready(ready).startswith("may not list Pods: pods is forbidden")
    found.requested("GET", "Pod", 200)
    assert found.unready(ready)
    found.requested("LIST", "Pod", 200)
    assert found.unready(ready) == ""
    found.requested("POST", "Pod", 403, RBAC.format("create"))
    assert found.unready(ready) == "", "what waits for that right says so itself"
    text = generate_latest(found.registry).decode()
    assert 'daskflow_api_denied_total{kind="Pod",verb="LIST"} 1.0' in text
    assert 'daskflow_api_denied_total{kind="Pod",verb="POST"} 1.0' in text
