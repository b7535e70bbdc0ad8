"""A scheduler that is none of ours has no control listener: whether it is there shows when one connects."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from typing import Any, Callable
from urllib.parse import urlsplit

from ..record import now
from ..settings import number, tls

CONNECT_SECONDS = 60.0
"""How long a scheduler that is to be there already may take to accept a connection."""


class SchedulerProbe(threading.Thread):
    """Reports by `tell(word, text)` as LeaseKeeper does: "connect" and "begun", or SchedulerUnreachable."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        super().__init__(daemon=True)
        self._tell = tell

    def run(self) -> None:
        """Until somebody answers at the address, or the time is over."""
        address = os.environ["DASK_SCHEDULER_ADDRESS"]
        seconds = number("CONNECT_SECONDS", CONNECT_SECONDS)
        until = time.monotonic() + seconds
        context = tls(server=False) if address.startswith("tls:") else None
        while True:
            try:
                _connect(address, context)
                break
            except (OSError, ValueError) as error:
                why = _unfit(address, error)
                if not why and time.monotonic() > until:
                    why = f"The scheduler at {address} did not answer within {seconds:.0f} s: {error}."
                if why:
                    self._tell("SchedulerUnreachable", why)
                    return
                time.sleep(0.5)
        self._tell("connect", "")
        self._tell("begun", now())


def _connect(address: str, context: Any) -> None:
    """Connect as Dask does. Raises OSError, of which ssl.SSLError is one, or ValueError if it is no address.

    That our certificate is refused shows only when one reads what the scheduler says unasked.
    """
    parts = urlsplit(address)
    with contextlib.closing(socket.create_connection((parts.hostname, parts.port), 5)) as plain:
        if context is None:
            return
        with contextlib.closing(context.wrap_socket(plain)) as encrypted, contextlib.suppress(socket.timeout):
            if not encrypted.recv(1):
                raise OSError("it closed the connection")


def _unfit(address: str, error: Exception) -> str:
    """A sentence, if no later try can do better: another authority's certificates, or no TLS there at all."""
    ssl = sys.modules.get("ssl")
    if ssl is None or not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError):
        return ""
    return f"The scheduler at {address} and these certificates do not fit ({error}); see spec.schedulerTLS."
