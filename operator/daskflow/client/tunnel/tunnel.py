"""A port of this machine that leads to one of a pod, for as many connections as come, one after another pod.

What listens is 127.0.0.1 alone, as with `kubectl port-forward`: every user of this machine may connect.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from daskflow.client.connection import Connection
from daskflow.client.errors import DaskflowError, NotFound, Refused, ServerFailed, WrongUse
from daskflow.client.tunnel.ends import End, Find, NotReady

if TYPE_CHECKING:
    from daskflow.client.tunnel.stream import Stream

LOOPBACK = "127.0.0.1"
BROWSER_HOST = "localhost"
"""In the address of a page that comes from a pod. Cookies do not tell ports apart: `daskflow ui` and others
are 127.0.0.1, and have cookies there that code in a pod must not be sent."""
PATIENCE_SECONDS = 20.0
"""How long a connection is kept waiting for a pod that is not there; Dask's clients wait for 30 s."""
_RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: to wait for nothing as a socket is closed; the other side hears of a reset."""


class Tunnel:
    """Open within `async with`, for connections of any thread and process of this machine.

    Each connection is led to where `find` says, which is asked again after a failure. A connection that
    breaks is reset, not ended: nobody takes what came so far for all.
    """

    def __init__(
        self,
        connection: Connection,
        find: Find,
        *,
        port: int = 0,
        told: Callable[[str], None] | None = None,
    ) -> None:
        """`port` is this machine's [any free one]; `told` gets a sentence when the way is lost or found."""
        self._connection, self._find, self._told = connection, find, told
        self._end: End | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = port
        """Known once it is open."""
        self.failure: DaskflowError | None = None
        """Why the last connection did not come about, or broke; None once there is another."""

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> "Tunnel":
        """Raises WrongUse for a port that is taken, and what `find` does, but for NotReady."""
        with suppress(NotReady):
            self._end = await self._find()
        try:
            self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
        except OSError as error:
            raise WrongUse(
                f"port {self.port} of {LOOPBACK} is not free: {error.strerror or error}; choose another one"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all connections."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # a transport takes leave of its server in the loop's next round

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def done(task: "asyncio.Task[None]") -> None:
            self._tasks.discard(task)
            if task.cancelled():  # perhaps before it had begun
                writer.transport.abort()

        task = asyncio.create_task(self._lead(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(done)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended_well = False
        try:
            async with self._reached() as stream:
                self._well(None)
                # What is raised within would come out of the websocket in an ExceptionGroup.
                failure = await _copied(stream, reader, writer)
            ended_well = failure is None
            self._well(failure)
        except DaskflowError as error:
            self._well(error)
        finally:
            if not ended_well:
                with suppress(OSError):  # who has connected may have gone
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.close() if ended_well else writer.transport.abort()

    def _well(self, failure: DaskflowError | None) -> None:
        before, self.failure = self.failure, failure
        if failure is not None:
            self._end = None
        if self._told is None or (before is None) == (failure is None):
            return
        self._told(str(failure) if failure else "connected again")

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator["Stream"]:
        """A connection to the pod, once there is one."""
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

        from daskflow.client.api_server import Unreachable
        from daskflow.client.tunnel.stream import stream

        tries = AsyncRetrying(
            stop=stop_after_delay(PATIENCE_SECONDS),
            wait=wait_random_exponential(0.2, 2),
            retry=retry_if_exception_type((Unreachable, ServerFailed, NotReady)),
            reraise=True,
        )
        async with AsyncExitStack() as stack:
            async for attempt in tries:
                with attempt:
                    if self._end is None:
                        self._end = await self._find()
                    end = self._end
                    try:
                        found = await stack.enter_async_context(stream(self._connection, end))
                    except DaskflowError as error:
                        self._end = None
                        # The pod has gone, or does not run yet; `find` knows whether there will be another.
                        if isinstance(error, NotFound | Refused):
                            raise NotReady(str(error)) from error
                        raise
            yield found


async def _copied(
    stream: "Stream", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> DaskflowError | None:
    """All bytes of both directions, until either side is done; what went wrong, if it did."""
    from daskflow.client.tunnel.stream import CHUNK

    async def up() -> None:
        while data := await reader.read(CHUNK):
            await stream.send(data)

    async def down() -> None:
        async for data in stream.chunks():
            writer.write(data)
            await writer.drain()

    tasks = [asyncio.create_task(up()), asyncio.create_task(down())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for error in (task.exception() for task in done):
        if isinstance(error, DaskflowError):
            return error
        # Who has connected may close as hard as he likes.
        if error is not None and not isinstance(error, OSError):
            return stream.broken(error)
    return None
