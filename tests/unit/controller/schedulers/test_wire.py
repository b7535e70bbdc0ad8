"""What a scheduler's listener may answer: any bytes, endless, slow, in any pieces."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from daskflow.controller.schedulers.answers import Answer, ControlError
from daskflow.controller.schedulers.wire import ANSWER_LIMIT, Connection, Listener
from daskflow.manifests.certificates import certificate_files
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.controller.schedulers.expectations import typed

CREATED = datetime(2026, 3, 1, tzinfo=UTC)


KEY = bytes(32)


GOOD = b'{"version": 3, "counts": {"done": 1, "total": 2}, "retiring": ["w-1"]}'


Writer = Callable[[Callable[[bytes], object]], object]
"""Answers a question by writing."""


def answer(body: bytes = GOOD, head: bytes = b"HTTP/1.1 200 OK\r\n") -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@asynccontextmanager
async def listener(writes: Writer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    """One that answers whatever it is asked so."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writes(writer.write)
            await writer.drain()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Listener("127.0.0.1", "uid", CREATED, tls is not None, port)
    finally:
        server.close()


async def asked(writes: Writer, tls: ssl.SSLContext | None = None) -> Answer:
    async with listener(writes, tls) as where:
        connection = await Connection.dial(where, KEY)
        try:
            return await connection.watch(0, 0.0)
        finally:
            connection.close()


def in_pieces(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    files = certificate_files(KEY, "uid", CREATED)
    where: Path = tmp_path_factory.mktemp("tls")
    for name, text in files.items():
        (where / name).write_text(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(where / "tls.crt", where / "tls.key")
    return context


@pytest.mark.parametrize("secure", [False, True])
async def test_an_ordinary_answer_comes_in_any_pieces(secure: bool, tls: ssl.SSLContext) -> None:
    told = await asked(
        lambda write: [write(piece) for piece in in_pieces(answer(), 7)], tls if secure else None
    )
    assert (told.version, told.done, told.retiring) == (3, 1, frozenset({"w-1"}))


async def test_an_answer_in_records_of_one_byte_is_refused_after_a_thousand(tls: ssl.SSLContext) -> None:
    text = answer(b" " * 250_000)
    reads = 0

    async with listener(lambda write: [write(piece) for piece in in_pieces(text, 1)], tls) as where:
        connection = await Connection.dial(where, KEY)
        count = connection._count

        def counted(size: int) -> None:
            nonlocal reads
            reads += 1
            count(size)

        connection._count = counted  # type: ignore[method-assign]
        with pytest.raises(ControlError, match="too many pieces"):
            await connection.watch(0, 5.0)
        connection.close()
    assert reads <= 1_001


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000, "head has no end"),
        (b"\0" * 1_000_000, "head has no end"),
        (answer(b" " * (ANSWER_LIMIT + 1)), "an answer of"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", "an answer of"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", "without a length"),
        (answer(head=b"HTTP/1.1 500 No\r\n"), "answered"),
        (answer(b"[" * 200_000), "ValueError"),
        (answer(b'{"counts":' * 20_000), "ValueError"),
    ],
)
async def test_what_is_too_long_too_deep_or_no_answer_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(ControlError, match=why):
        await asked(lambda write: write(text))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 500), st.booleans())
def test_any_bytes_on_the_wire_end_in_an_answer_or_an_error(text: bytes, size: int, framed: bool) -> None:
    whole = answer(text) if framed else text

    async def talk() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            connection = Connection(ours, Listener("127.0.0.1", "uid", CREATED, tls=False), "token")
            for piece in in_pieces(whole, size):
                theirs.send(piece)
            theirs.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ControlError):
                assert typed(await connection.watch(0, 1.0))
            connection.close()

    asyncio.run(talk())
