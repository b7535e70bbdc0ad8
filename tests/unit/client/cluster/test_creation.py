"""A cluster whose program does not hear of its creation is deleted all the same; that of another stays."""

import asyncio
import os
import signal
import threading
import time

import pytest
from aiohttp import web
from daskflow import Cluster
from daskflow.client import connection as connections
from daskflow.client.api_server import Unreachable
from daskflow.client.cluster import creation
from daskflow.client.cluster.creation import Creation
from daskflow.client.connection import Connection
from daskflow.client.errors import AlreadyExists

from tests.unit.client.cluster.operator_in_memory import Operator

MANIFEST = {
    "apiVersion": "daskflow.dev/v1alpha1",
    "kind": "DaskCluster",
    "metadata": {"name": "a"},
    "spec": {"image": "i"},
}


async def breaks_off(request: web.Request) -> None:
    assert request.transport
    request.transport.abort()


def test_an_interrupt_while_it_starts_leaves_nothing(operator: Operator, connection: Connection) -> None:
    operator.holds = True
    assert threading.current_thread() is threading.main_thread()

    def interrupt() -> None:
        while "daskclusters/a" not in operator.objects:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        Cluster("image", name="a", connection=connection)
    interrupting.join()
    assert "daskclusters/a" not in operator.objects


async def test_a_cancel_before_the_answer_leaves_nothing(operator: Operator, connection: Connection) -> None:
    operator.holds = True
    answered = asyncio.Event()

    async def late(_: web.Request) -> None:
        await answered.wait()

    operator.answer = late
    cluster = Cluster("image", name="a", connection=connection, asynchronous=True)
    starting = asyncio.ensure_future(cluster._start())
    while "daskclusters/a" not in operator.objects:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    starting.cancel()
    while cluster._ending is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert "daskclusters/a" in operator.objects
    operator.loop.call_soon_threadsafe(answered.set)
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert "daskclusters/a" not in operator.objects


def test_an_answer_that_never_came_leaves_nothing(
    operator: Operator, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All tries are over once the first has made it."""
    monkeypatch.setattr(connections, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(connections, "RESTART_SECONDS", 0.0)
    operator.holds, operator.answer = True, breaks_off
    with pytest.raises(Unreachable):
        Cluster("image", name="a", connection=connection)
    assert any(line["object"]["metadata"]["name"] == "a" for _, line in operator.events)
    assert "daskclusters/a" not in operator.objects


async def test_an_answer_that_does_not_come_is_not_waited_for_long(
    operator: Operator, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creation, "PATIENCE_SECONDS", 0.5)
    operator.holds = True

    async def silent(_: web.Request) -> None:
        await asyncio.Event().wait()

    operator.answer = silent
    made = Creation(connection, MANIFEST, "team")
    assert [await made.uid(), await made.uid()] == ["uid-a", "uid-a"]


async def test_a_cluster_of_another_is_not_taken_for_ones_own(
    operator: Operator, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.holds = True
    first, second = Creation(connection, MANIFEST, "team"), Creation(connection, MANIFEST, "team")
    ours = [await first.uid(), await second.uid()]
    assert sorted(ours) == ["", "uid-a"]
    with pytest.raises(AlreadyExists):
        await (first if not ours[0] else second).done()
    monkeypatch.setattr(connections, "RESTART_SECONDS", 0.0)
    operator.answer = breaks_off
    await connection.delete("DaskCluster", "a", "team")
    lost = Creation(connection, MANIFEST, "team")
    with pytest.raises(Unreachable):
        await lost.done()
    assert await lost.uid() == "uid-a"
    operator.objects["daskclusters/a"]["metadata"]["managedFields"] = [{"manager": "another"}]
    assert await lost.uid() == ""
