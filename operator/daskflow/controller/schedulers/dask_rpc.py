"""Asks a Dask scheduler in Dask's own protocol, as any of its clients does; none of Dask is needed for it.

A message is a count of bytes, then the number of its frames, the length of each, and the frames. The first
is MessagePack, the others are what that cannot say (`distributed/comm/tcp.py` and `protocol/core.py`, the
same from 2022.10 to 2026.8). Only what the first frame says is read: an answer with objects of Python in it
is none for us. Who is asked may be anybody's code: bytes and time are bounded, and nothing is unpickled.
"""

import asyncio
import ssl
import struct
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Self

import msgspec

from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.identity import identity, outcome

MESSAGE_LIMIT = 16 * 1024 * 1024
"""Bytes of one message that tells of workers, each of which takes 2 KB in it."""
SMALL_LIMIT = 256 * 1024
"""Of any other; more than that comes in turn (`turn`)."""
LARGE_SECONDS = 5.0
"""For the rest of a large one that has begun: who is slow keeps others waiting."""
_FRAMES = 1_000
DIAL_SECONDS = 5.0
ANSWER_SECONDS = 10.0
_HANDSHAKE = {"compression": None, "python": (3, 11, 0), "pickle-protocol": 4}
"""What we say of ourselves: that nothing may be compressed."""


Read = Callable[[memoryview], Any]
"""Makes plain data of the first frame."""
Turn = Callable[[], AbstractAsyncContextManager[None]]
_OF_WORKERS: Mapping[str, Read] = {"identity": identity, "retire_workers": outcome}
"""What tells of each worker, and how it is read."""


class SchedulerComm:
    """One connection to a scheduler, for one question at a time. After any error it is of no more use.

    `turn` is held while a large message is read, so that only a few of them are in memory.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.turn: Turn = nullcontext

    @classmethod
    async def dial(cls, host: str, port: int, tls: ssl.SSLContext | None = None) -> Self:
        """Connect and greet. Raises ControlError."""
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                streams = await asyncio.open_connection(host, port, ssl=tls, limit=64 * 1024)
        except (OSError, ValueError) as error:
            raise ControlError(f"{type(error).__name__}: {error}") from error
        comm = cls(*streams)
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                await comm._write(_HANDSHAKE)
                await comm._read()
        except BaseException as error:
            comm.close()
            if isinstance(error, _TROUBLE):
                raise ControlError(f"no greeting: {type(error).__name__}: {error}") from error
            raise
        return comm

    def close(self) -> None:
        """Drop it, without a word of farewell."""
        self._writer.transport.abort()

    async def call(self, op: str, seconds: float = ANSWER_SECONDS, **arguments: Any) -> Any:
        """What the scheduler's handler of this name answers. Raises ControlError."""
        try:
            async with asyncio.timeout(seconds):
                await self._write({"op": op, "reply": True, **arguments})
                read = _OF_WORKERS.get(op)
                answer = await (self._read() if read is None else self._read(read, MESSAGE_LIMIT))
        except _TROUBLE as error:
            raise ControlError(f"{op}: {type(error).__name__}: {error}") from error
        if isinstance(answer, dict) and answer.get("status") == "uncaught-error":
            raise ControlError(f"{op} raised {str(answer.get('exception_text'))[:200]}")
        return answer

    async def _write(self, message: Any) -> None:
        frame = msgspec.msgpack.encode(message)
        self._writer.write(struct.pack("<QQQ", 16 + len(frame), 1, len(frame)) + frame)
        await self._writer.drain()

    async def _read(self, read: Read = msgspec.msgpack.decode, limit: int = SMALL_LIMIT) -> Any:
        """What the first frame of a message says."""
        (counted,) = struct.unpack("<Q", await self._reader.readexactly(8))
        if not 8 <= counted <= limit:
            raise ValueError(f"a message of {counted} bytes")
        if counted <= SMALL_LIMIT:
            return read(await self._frame(counted))
        async with self.turn(), asyncio.timeout(LARGE_SECONDS):
            return read(await self._frame(counted))

    async def _frame(self, counted: int) -> memoryview:
        """The first frame. What does not fit into the counted bytes is sent behind them."""
        body = await self._reader.readexactly(counted)
        (frames,) = struct.unpack_from("<Q", body)
        head = 8 + 8 * frames
        if not 1 <= frames <= _FRAMES or head > counted:
            raise ValueError(f"a message of {frames} frames")
        lengths = struct.unpack_from(f"<{frames}Q", body, 8)
        if head + lengths[0] > counted:
            raise ValueError("a message without its beginning")
        rest = head + sum(lengths) - counted
        if not 0 <= rest <= SMALL_LIMIT:
            raise ValueError(f"a message with {rest} more bytes")
        await self._reader.readexactly(rest)
        return memoryview(body)[head : head + lengths[0]]


_TROUBLE = (OSError, EOFError, ValueError, struct.error, RecursionError, msgspec.DecodeError)
"""OSError: also TimeoutError and ssl.SSLError; EOFError: also IncompleteReadError."""
