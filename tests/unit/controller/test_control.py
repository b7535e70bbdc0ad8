"""What a scheduler's listener may answer: any bytes, endless, slow, in any pieces."""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from daskflow.api.workers import MAX_GROUPS, MAX_WORKERS
from daskflow.controller.schedulers.answers import ControlError, State, state
from daskflow.controller.schedulers.wire import ANSWER_LIMIT, Connection, Listener
from daskflow.manifests.certificates import certificate_files
from hypothesis import given, settings
from hypothesis import strategies as st

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


async def asked(writes: Writer, tls: ssl.SSLContext | None = None) -> State:
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


def test_a_million_groups_are_no_more_than_a_cluster_has() -> None:
    many = {f"g{n}": n for n in range(20_000)}
    workers = [f"w-{n}" for n in range(20_000)]
    body = {"version": 1, "counts": {"done": 0, "total": 0}, "demand": many, "retiring": workers}
    told = state(json.dumps(body | {"held": dict.fromkeys(workers, "x" * 99)}).encode())
    assert len(told.demand) == MAX_GROUPS + 1
    assert len(told.retiring) == len(told.held) == MAX_WORKERS
    assert max(map(len, told.held.values())) == 40


@pytest.mark.parametrize("value", [[[]], [{}], [1, None, True], [["w-1"]]])
def test_what_is_no_name_retires_nobody(value: list[Any]) -> None:
    body = json.dumps({"version": 1, "counts": {"done": 0, "total": 0}, "retiring": value})
    assert state(body.encode()).retiring == frozenset()


def test_what_keeps_tasks_waiting_is_one_line() -> None:
    trouble = ["ResourcesMissing", "Tasks of a\n\x1b[31mb ask for gpu=1."]
    body = {"version": 1, "counts": {"done": 0, "total": 0}, "trouble": trouble}
    assert state(json.dumps(body).encode()).trouble == (trouble[0], r"Tasks of a; \x1b[31mb ask for gpu=1.")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=80), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "version",
    "counts",
    "distributed",
    "begun",
    "trouble",
    "demand",
    "retiring",
    "held",
    "done",
    "total",
)


def typed(told: State) -> bool:
    """Whether all of it has the type and size that plans rely on."""
    texts = (*told.distributed, *told.retiring, *told.demand, *told.held, *told.held.values())
    numbers = (told.version, told.done, told.total, *told.demand.values())
    return (
        all(type(each) is str and len(each) <= 63 for each in texts)
        and all(type(each) is int and 0 <= each < 2**53 for each in numbers)
        and type(told.begun) is bool
        and len(told.distributed) <= 4
    )


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_json_is_typed_or_refused(answer: dict[str, Any], counts: dict[str, Any]) -> None:
    for body in (answer, {"version": 1, **answer, "counts": {"done": 0, "total": 1, **counts}}):
        try:
            told = state(json.dumps(body).encode())
        except (ControlError, ValueError):
            continue
        assert typed(told)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_typed_or_refused(body: bytes) -> None:
    with contextlib.suppress(ControlError, ValueError):
        assert typed(state(body))


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
