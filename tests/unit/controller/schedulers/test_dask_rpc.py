"""What may come instead of a Dask scheduler's answer: any bytes, endless, slow, in any number of frames.

Real schedulers are asked in tests/runtime/test_dask_rpc.py.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from daskflow.controller.schedulers import dask_rpc
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.dask_rpc import MESSAGE_LIMIT, SMALL_LIMIT, SchedulerComm
from hypothesis import given, settings
from hypothesis import strategies as st


def message(*frames: bytes, counted: int | None = None) -> bytes:
    """As Dask writes it; `counted`: so many bytes are announced, and the rest follows."""
    body = struct.pack(f"<{1 + len(frames)}Q", len(frames), *map(len, frames)) + b"".join(frames)
    return struct.pack("<Q", len(body) if counted is None else counted) + body


def packed(value: Any) -> bytes:
    return message(msgspec.msgpack.encode(value))


GREETING = packed({"compression": None})


@asynccontextmanager
async def scheduler(*words: bytes, stays: bool = False) -> AsyncIterator[int]:
    """One that says this, each when it hears something, and then goes or `stays`; its port."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            for each in words:
                (counted,) = struct.unpack("<Q", await reader.readexactly(8))
                await reader.readexactly(counted)
                writer.write(each)
                await writer.drain()
            if stays:
                await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()


async def asked(
    answer: bytes, greeting: bytes = GREETING, seconds: float = 5.0, op: str = "adaptive_target"
) -> Any:
    async with scheduler(greeting, answer) as port:
        comm = await SchedulerComm.dial("127.0.0.1", port)
        try:
            return await comm.call(op, seconds)
        finally:
            comm.close()


@pytest.mark.parametrize("value", [3, None, ["w-1"], {"workers": {"tcp://1": {"name": 0}}}, 1.5, {1: 2}])
def test_an_answer_is_what_its_first_frame_says(value: Any) -> None:
    assert asyncio.run(asked(packed(value))) == value


def test_frames_that_are_sent_apart_belong_to_the_message() -> None:
    first, other = msgspec.msgpack.encode(7), b"x" * 100_000
    counted = 24 + len(first)
    assert asyncio.run(asked(message(first, other, counted=counted))) == 7


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "IncompleteReadError"),
        (struct.pack("<Q", SMALL_LIMIT + 1), "a message of"),
        (struct.pack("<Q", 2), "a message of"),
        (message(), "0 frames"),
        (struct.pack("<QQ", 8, 2**60), "frames"),
        (struct.pack("<QQQ", 16, 1, 5), "without its beginning"),
        (struct.pack("<QQQQ", 25, 2, 1, 2**40) + b"\x07", "more bytes"),
        (message(b"\xc1"), "DecodeError"),
        (message(b"\x91" * 100_000 + b"\x01"), "RecursionError"),
        (packed({"status": "uncaught-error", "exception_text": "KeyError(1)"}), "raised KeyError"),
        (packed({"status": "uncaught-error"}), "raised None"),
    ],
)
def test_what_is_no_answer_is_an_error(answer: bytes, words: str) -> None:
    with pytest.raises(ControlError, match=words):
        asyncio.run(asked(answer))


def test_what_tells_of_workers_may_be_large_and_is_read_in_turn() -> None:
    held: list[str] = []

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        held.append("mine")
        yield
        held.append("over")

    async def ask(answer: bytes) -> Any:
        async with scheduler(GREETING, answer) as port:
            comm = await SchedulerComm.dial("127.0.0.1", port)
            comm.turn = turn
            try:
                return await comm.call("identity")
            finally:
                comm.close()

    small = {"workers": {"tcp://1": {"name": "w"}}}
    assert asyncio.run(ask(packed(small)))["workers"]["tcp://1"]["name"] == "w"
    assert held == []
    large = asyncio.run(ask(packed({**small, "x": "x" * SMALL_LIMIT})))
    assert large["workers"]["tcp://1"]["name"] == "w"
    assert held == ["mine", "over"]
    with pytest.raises(ControlError, match="a message of"):
        asyncio.run(asked(struct.pack("<Q", MESSAGE_LIMIT + 1), op="identity"))


def test_who_is_slow_with_a_large_answer_keeps_others_waiting_for_moments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dask_rpc, "LARGE_SECONDS", 0.2)

    async def ask() -> None:
        async with scheduler(GREETING, struct.pack("<Q", MESSAGE_LIMIT), stays=True) as port:
            comm = await SchedulerComm.dial("127.0.0.1", port)
            with pytest.raises(ControlError, match="TimeoutError"):
                await comm.call("identity", 60.0)
            comm.close()

    asyncio.run(ask())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_bytes_come_nothing_else_is_raised(answer: bytes) -> None:
    with contextlib.suppress(ControlError):
        asyncio.run(asked(answer, seconds=0.2))


def test_one_that_does_not_greet_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_rpc, "DIAL_SECONDS", 0.2)
    with pytest.raises(ControlError, match="no greeting"):
        asyncio.run(asked(b"", greeting=b""))


@pytest.mark.parametrize("words", [(), (GREETING,)])
def test_one_that_says_nothing_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch, words: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(dask_rpc, "DIAL_SECONDS", 0.2)

    async def ask() -> None:
        async with scheduler(*words, stays=True) as port:
            comm = await SchedulerComm.dial("127.0.0.1", port)
            await comm.call("adaptive_target", 0.2)

    with pytest.raises(ControlError, match="TimeoutError"):
        asyncio.run(ask())


def test_nobody_there() -> None:
    with pytest.raises(ControlError, match="Error"):
        asyncio.run(SchedulerComm.dial("127.0.0.1", 9))
