"""Ports for servers that tests start: nobody else is given them meanwhile."""

import socket
from collections import deque

_KEPT = 200
"""More than one test needs: the oldest is of a test that has ended."""
_reserved: deque[socket.socket] = deque()


def reserved_port() -> int:
    """One that nobody listens on, for a server that sets SO_REUSEADDR, as Tornado's and asyncio's do.

    Linux gives a port that is bound to nobody who asks for any, in whichever process.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _reserved.append(holder)
    if len(_reserved) > _KEPT:
        _reserved.popleft().close()
    return int(holder.getsockname()[1])
