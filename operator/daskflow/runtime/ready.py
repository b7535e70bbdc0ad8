"""The ready port: the kubelet's startup probe asks it whether this process has done what it is for."""

from __future__ import annotations

from typing import Any

from .settings import READY_PORT, number, say


def _port() -> int:
    return int(number("READY_PORT", READY_PORT))


async def serve() -> None:
    """Accept and close on the running event loop, so that a frozen process stops answering."""
    if not _port():  # outside of Kubernetes nobody asks
        return

    import asyncio

    async def close(_: Any, writer: Any) -> None:
        writer.close()

    try:
        server = await asyncio.start_server(close, None, _port(), backlog=1)
    except OSError as error:
        say(f"cannot open the ready port: {error}")
    else:
        _kept.append(server)


_kept: list[Any] = []


def serve_in_thread() -> None:
    """Accept and close on a thread of its own: for the supervisor, which has no event loop."""
    if not _port():
        return
    import socket
    import threading

    try:
        dual = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if dual else socket.AF_INET
        server = socket.create_server(("", _port()), family=family, backlog=4, dualstack_ipv6=dual)
    except OSError as error:
        say(f"cannot open the ready port: {error}")
        return

    def accept() -> None:
        while True:
            server.accept()[0].close()

    threading.Thread(target=accept, daemon=True).start()
