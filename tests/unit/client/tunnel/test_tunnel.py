"""A port of this machine is a pod's: for many connections at once, and whatever becomes of pod and way."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from daskflow.client.connection import Connection
from daskflow.client.errors import Forbidden, NotFound, Unauthorized, WrongUse
from daskflow.client.tunnel import stream as streams
from daskflow.client.tunnel import tunnel as tunnels
from daskflow.client.tunnel.ends import End, pod_port
from daskflow.client.tunnel.stream import Broken
from daskflow.client.tunnel.tunnel import Tunnel

from tests.unit.client.api_in_memory import status
from tests.unit.client.tunnel.forwarding import Forwarding

MOST_OF_ONE_HTTPX_CLIENT = 100


async def said(tunnel: Tunnel, *lines: bytes) -> list[bytes]:
    """Answers to lines on a connection of their own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port, limit=2**26)
    try:
        answers = []
        for line in lines:
            writer.write(line)
            answers.append(await reader.readline())
        return answers
    finally:
        writer.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def leads(connection: Connection, *pods: str) -> Callable[[], Awaitable[End]]:
    """To one pod after another, the last for ever."""
    left = list(pods)

    async def find() -> End:
        return End("team", left.pop(0) if len(left) > 1 else left[0], 80)

    return find


async def test_bytes_go_both_ways(connection: Connection) -> None:
    large = os.urandom(5_000_000).hex().encode() + b"\n"
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        assert await said(tunnel, b"hello\n", large) == [b"HELLO\n", large.upper()]


async def test_the_pods_end_of_a_connection_is_its_end(connection: Connection) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        writer.write(b"bye\n")
        assert await reader.read() == b"BYE\n"
        writer.close()
        assert tunnel.failure is None


async def test_a_connection_that_is_closed_here_is_closed_there(
    connection: Connection, api: Forwarding
) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        assert await said(tunnel, b"one\n") == [b"ONE\n"]
        await until(lambda: not api.sockets)
        assert tunnel.failure is None


async def test_many_connections_at_once(connection: Connection) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        opened = [
            await asyncio.open_connection("127.0.0.1", tunnel.port)
            for _ in range(MOST_OF_ONE_HTTPX_CLIENT + 20)
        ]
        for number, (_, writer) in enumerate(opened):
            writer.write(f"line {number}\n".encode())
        answers = [await reader.readline() for reader, _ in opened]
        assert answers == [f"LINE {number}\n".encode() for number in range(len(opened))]
        for _, writer in opened:
            writer.close()


async def test_nobody_beyond_this_machine_may_connect(connection: Connection) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        assert tunnel._server
        assert [each.getsockname() for each in tunnel._server.sockets] == [("127.0.0.1", tunnel.port)]


async def test_the_next_connection_goes_to_the_pod_that_is_there_then(
    connection: Connection, api: Forwarding
) -> None:
    api.pod("b")
    api.ports["b", 80] = api.ports["a", 80]
    told: list[str] = []
    async with Tunnel(connection, leads(connection, "a", "b"), told=told.append) as tunnel:
        assert await said(tunnel, b"one\n") == [b"ONE\n"]
        del api.objects["pods/a"]
        assert await said(tunnel, b"two\n") == [b"TWO\n"]
        assert api.forwarded == ["a", "b"]
        assert told == []


async def test_a_broken_connection_is_reset_and_the_next_one_works(
    connection: Connection, api: Forwarding
) -> None:
    told: list[str] = []
    async with Tunnel(connection, pod_port(connection, "a", 80), told=told.append) as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        writer.write(b"one\n")
        await reader.readline()
        api.cut()
        with pytest.raises(ConnectionResetError):
            await reader.read()
        assert isinstance(tunnel.failure, Broken)
        assert await said(tunnel, b"two\n") == [b"TWO\n"]
        assert tunnel.failure is None
    assert [each.partition(":")[0] for each in told] == [
        "the connection to port 80 of pod a was lost",
        "connected again",
    ]


async def test_a_connection_waits_for_an_api_server_that_fails(
    connection: Connection, api: Forwarding
) -> None:
    api.answers = [lambda _: status(503, "ServiceUnavailable", "starting")] * 2
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        assert await said(tunnel, b"one\n") == [b"ONE\n"]


async def test_a_pod_in_which_nothing_listens_is_told_of(connection: Connection) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 81)) as tunnel:
        with pytest.raises(ConnectionResetError):
            await said(tunnel, b"one\n")
        assert str(tunnel.failure) == "port 81 of pod a cannot be reached: nothing listens there"


async def test_a_pod_that_stays_away_is_told_of(
    connection: Connection, api: Forwarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "PATIENCE_SECONDS", 0.5)
    api.pod("a", phase="Pending")
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        with pytest.raises(ConnectionResetError):
            await said(tunnel, b"one\n")
        assert "a does not run yet" in str(tunnel.failure)


async def test_a_right_that_is_missing_is_named_at_once(connection: Connection, api: Forwarding) -> None:
    text = (
        'pods "a" is forbidden: User "ann" cannot create resource "pods/portforward" in API group "" in the '
        'namespace "team"'
    )
    api.answers = [lambda _: status(403, "Forbidden", text)]
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        with pytest.raises(ConnectionResetError):
            await said(tunnel, b"one\n")
        assert isinstance(tunnel.failure, Forbidden)
        assert "ann may not create pods/portforward in namespace team" in str(tunnel.failure)


async def test_a_token_that_has_expired_is_read_again(connection: Connection, api: Forwarding) -> None:
    expired = web.Response(status=401)
    api.answers = [lambda _: expired]
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        assert await said(tunnel, b"one\n") == [b"ONE\n"]
        api.answers = [lambda _: web.Response(status=401)] * 2
        with pytest.raises(ConnectionResetError):
            await said(tunnel, b"one\n")
        assert isinstance(tunnel.failure, Unauthorized)


async def test_a_silent_connection_is_found_to_be_lost(
    connection: Connection, api: Forwarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PING_SECONDS", 0.05)
    monkeypatch.setattr(streams, "LOST_SECONDS", 0.2)
    silent = asyncio.Event()

    async def deaf(request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(autoping=False)
        await websocket.prepare(request)
        await silent.wait()
        return websocket

    monkeypatch.setattr(api, "_forward", lambda request, _: deaf(request))
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        with pytest.raises(ConnectionResetError):
            await said(tunnel, b"one\n")
        assert isinstance(tunnel.failure, Broken)
        silent.set()


@pytest.mark.parametrize(("frame", "says"), [(b"", "a message without a channel"), ("text", "was lost")])
async def test_an_answer_that_is_not_the_protocols_is_not_taken_for_the_end(
    connection: Connection, api: Forwarding, monkeypatch: pytest.MonkeyPatch, frame: bytes | str, says: str
) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(protocols=["v4.channel.k8s.io"])
        await websocket.prepare(request)
        for message in (b"\0\x50\0", b"\1\x50\0", b"\0half of the ans"):
            await websocket.send_bytes(message)
        await (websocket.send_str(frame) if isinstance(frame, str) else websocket.send_bytes(frame))
        await websocket.receive()
        return websocket

    monkeypatch.setattr(api, "_forward", lambda request, _: half(request))
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        assert isinstance(tunnel.failure, Broken)
        assert says in str(tunnel.failure)


async def test_a_fault_of_our_own_is_not_taken_for_the_end(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(self: streams.Stream, data: bytes) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(streams.Stream, "send", fails)
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        with pytest.raises(ConnectionResetError):
            await said(tunnel, b"one\n")
        assert str(tunnel.failure) == "the connection to port 80 of pod a was lost: a bug"


async def test_one_who_goes_while_the_pod_is_away_is_let_go(
    connection: Connection, api: Forwarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "PATIENCE_SECONDS", 0.5)
    api.pod("a", phase="Pending")
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        _, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        await until(lambda: tunnel._tasks)
        (leading,) = tunnel._tasks
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, tunnels._RESET)
        writer.transport.abort()
        await asyncio.wait([leading])
        assert leading.exception() is None


async def test_what_is_not_there_at_the_start_is_told_then(connection: Connection) -> None:
    with pytest.raises(NotFound, match="there is no Pod z in namespace team"):
        await Tunnel(connection, pod_port(connection, "z", 80)).__aenter__()


async def test_a_port_that_is_taken_is_told(connection: Connection) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 80)) as first:
        second = Tunnel(connection, pod_port(connection, "a", 80), port=first.port)
        with pytest.raises(WrongUse, match=f"port {first.port} of 127.0.0.1 is not free"):
            await second.__aenter__()


async def test_closing_ends_all_connections(connection: Connection, api: Forwarding) -> None:
    async with Tunnel(connection, pod_port(connection, "a", 80)) as tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
        writer.write(b"one\n")
        await reader.readline()
    with pytest.raises(ConnectionResetError):
        await reader.read()
    await until(lambda: not api.sockets)
