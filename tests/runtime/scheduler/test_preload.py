"""The operator's side of the control listener: the client and the poller against a real scheduler."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import pytest
from daskflow.controller.known.observe import observe
from daskflow.controller.known.store import Store
from daskflow.controller.schedulers import pacing
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.polling import Poller
from daskflow.controller.schedulers.wire import Connection, Listener
from daskflow.manifests.certificates import certificate_files, control_token
from daskflow.plan.model import Key
from daskflow.runtime.scheduler.preload import ControlService

from tests.runtime.conftest import Pods, eventually
from tests.unit.controller.running import RUN, SCHEDULER_UID, running

ROOT_KEY = b"r" * 32
CREATED = datetime.now(UTC).replace(microsecond=0)
CLUSTER = "cluster-1"


@pytest.fixture
def cluster(tmp_path: Path, pyz: bytes) -> Iterator[Pods]:
    """Pods with the Secret that the operator makes."""
    folder = tmp_path / "derived"
    folder.mkdir()
    for name, text in certificate_files(ROOT_KEY, CLUSTER, CREATED).items():
        (folder / name).write_text(text)
    pods = Pods(tmp_path, pyz, folder)
    (pods.secret / "token").write_text(control_token(ROOT_KEY, CLUSTER))
    yield pods
    pods.end()


def listener(pods: Pods) -> Listener:
    return Listener("127.0.0.1", CLUSTER, CREATED, pods.tls, pods.control_port)


async def ready(pods: Pods) -> Listener:
    scheduler = pods.scheduler()
    await asyncio.to_thread(eventually, scheduler.ready)
    return listener(pods)


async def compute(pods: Pods, tasks: int) -> None:
    """A flow on one worker, which stays for a moment after its tasks."""
    pods.worker()
    script = f"from distributed import Client\nc = Client()\nc.gather(c.map(hex, range({tasks})))\n"
    pods.runner({"script": script + "import time; time.sleep(60)"}, 1)


@pytest.fixture
async def connection(cluster: Pods) -> AsyncIterator[Connection]:
    made = await Connection.dial(await ready(cluster), ROOT_KEY)
    yield made
    made.close()


async def test_one_connection_carries_many_questions(connection: Connection) -> None:
    first = await connection.watch(0, 1)
    assert (first.done, first.total) == (0, 0)
    assert len(first.distributed) == 1
    before = asyncio.get_running_loop().time()
    again = await connection.watch(first.version, 0.5)
    assert 0.4 < asyncio.get_running_loop().time() - before < 10
    assert again == first


async def test_a_question_is_answered_when_tasks_are_done(cluster: Pods, connection: Connection) -> None:
    await compute(cluster, 30)
    state = await connection.watch(0, 1)
    async with asyncio.timeout(20):
        while state.done < 30:
            state = await connection.watch(state.version, 10)
    assert state.total == 30


async def test_nothing_of_the_certificate_is_left_open_or_on_disk(cluster: Pods) -> None:
    where = await ready(cluster)
    (await Connection.dial(where, ROOT_KEY)).close()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        (await Connection.dial(where, ROOT_KEY)).close()
    assert len(os.listdir("/proc/self/fd")) == before


async def test_a_listener_of_another_cluster_is_not_told_the_token(cluster: Pods) -> None:
    where = await ready(cluster)
    for other in (replace(where, cluster_uid="cluster-2"), replace(where, tls=False)):
        with pytest.raises(ControlError):
            await (await Connection.dial(other, ROOT_KEY)).watch(0, 1)
    with pytest.raises(ControlError, match="CERTIFICATE_VERIFY_FAILED"):
        await Connection.dial(replace(where, cluster_uid="cluster-2"), ROOT_KEY)


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        b"x" * 100_000,
        ok(b""),
        ok(b"\xff\xfe"),
        ok(b"[" * 60_000),
        ok(b"[]"),
        ok(b'{"version": 1}'),
        ok(b'{"version": 1, "counts": {"done": -1, "total": 1}}'),
        ok(b'{"version": 1, "counts": {"done": 1e3, "total": 1}}'),
        ok(b'{"version": 1, "counts": {"done": true, "total": 1}}'),
        ok(b'{"version": 1, "counts": {"done": 1, "total": ' + b"9" * 5000 + b"}}"),
    ],
)
async def test_nonsense_is_one_kind_of_error(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = await Connection.dial(Listener("127.0.0.1", CLUSTER, CREATED, False, port), ROOT_KEY)
    with pytest.raises(ControlError):
        await connection.watch(0, 1)
    connection.close()
    server.close()


@pytest.mark.parametrize("tls", [True, False])
async def test_whoever_says_nothing_is_given_up(tls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daskflow.controller.schedulers.wire.DIAL_SECONDS", 0.2)
    monkeypatch.setattr("daskflow.controller.schedulers.wire.SLACK_SECONDS", 0.2)
    silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(30), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with pytest.raises(ControlError, match="TimeoutError"):
        await (await Connection.dial(Listener("127.0.0.1", CLUSTER, CREATED, tls, port), ROOT_KEY)).watch(
            0, 0
        )
    silent.close()


async def test_versions_that_differ_are_told() -> None:
    def peer(version: str | None) -> Any:
        return SimpleNamespace(versions={"packages": {"distributed": version}} if version else {})

    peers = {"workers": {"a": peer("2023.1.0"), "b": peer(None)}, "clients": {"c": peer("2024.1.0")}}
    told = ControlService(SimpleNamespace(**peers)).state(brief=True)["distributed"]
    assert told == sorted({"2023.1.0", "2024.1.0", distributed.__version__})


async def test_the_store_hears_of_a_real_run(cluster: Pods, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "REST_SECONDS", 0.3)
    where = await ready(cluster)
    changed: list[Key] = []
    store = Store(changed=changed.append)
    for body in running(created=CREATED):
        store.put(body)

    async def dial(wanted: Listener, root_key: bytes) -> Connection:
        assert (wanted.ip, wanted.port, wanted.tls) == ("10.0.0.7", 8788, True)
        return await Connection.dial(replace(wanted, ip=where.ip, port=where.port), root_key)

    poller = Poller(store, ROOT_KEY, dial=dial)
    poller.update(RUN)
    await compute(cluster, 40)
    run = store.get(RUN)
    assert run is not None
    async with asyncio.timeout(20):
        while True:
            counts = observe(store, run, 0.0).counts
            if counts is not None and counts.done == 40:
                break
            await asyncio.sleep(0.05)
    assert counts.total == 40
    assert counts.scheduler == SCHEDULER_UID
    assert changed[-1] == RUN
    await poller.stop()
    assert len(poller) == 0
