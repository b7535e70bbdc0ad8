"""The port on the loopback, and the program that listens there until it is ended."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from secrets import token_urlsafe

import uvicorn

from daskflow.cli.ui.app import create
from daskflow.cli.ui.source import Source
from daskflow.client.errors import WrongUse

ADDRESS = "127.0.0.1"
HTTP = 80
END_SECONDS = 2
"""How long answers that are under way have when the program is ended."""


async def serve(source: Source, port: int, ready: Callable[[str, str], None]) -> None:
    """Until it is interrupted. `ready` is told the address with its token, and one that opens it once.

    Raises WrongUse if the port is taken.
    """
    token, once = token_urlsafe(32), token_urlsafe(32)
    with listening(port) as listener:
        host = _host(listener.getsockname()[1])
        app = create(source, host=host, token=token, once=once)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=END_SECONDS,
        )
        server = uvicorn.Server(config)
        watching = asyncio.ensure_future(source.run())
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        ready(f"http://{host}/?token={token}", f"http://{host}/?token={once}")
        try:
            done, _ = await asyncio.wait((watching, serving), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            server.should_exit = True
            watching.cancel()
            await asyncio.gather(watching, serving, return_exceptions=True)


def _host(port: int) -> str:
    """As browsers send it."""
    return ADDRESS if port == HTTP else f"{ADDRESS}:{port}"


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket of the loopback that listens; any free port for 0."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
        except OSError as error:
            raise WrongUse(
                f"--port {port} cannot be had: {error.strerror}; choose another, or 0 for any"
            ) from None
        listener.listen(128)
        yield listener
