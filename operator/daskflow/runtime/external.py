"""A scheduler that is none of ours has no control listener: whether it is there shows when one connects."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import Callable
from urllib.parse import urlsplit

from .record import now
from .settings import number

CONNECT_SECONDS = 60.0
"""How long a scheduler that is to be there already may take to accept a connection."""


class Knocker(threading.Thread):
    """Reports by `tell(word, text)` as the keeper does: "connect" and "begun", or SchedulerUnreachable."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        super().__init__(daemon=True)
        self._tell = tell

    def run(self) -> None:
        """Until somebody answers at the address, or the time is over."""
        address = os.environ["DASK_SCHEDULER_ADDRESS"]
        seconds = number("CONNECT_SECONDS", CONNECT_SECONDS)
        until = time.monotonic() + seconds
        parts = urlsplit(address)
        while True:
            try:
                with contextlib.closing(socket.create_connection((parts.hostname, parts.port), 5)):
                    break
            except (OSError, ValueError) as error:
                if time.monotonic() > until:
                    why = f"The scheduler at {address} did not answer within {seconds:.0f} s: {error}."
                    self._tell("SchedulerUnreachable", why)
                    return
                time.sleep(0.5)
        self._tell("connect", "")
        self._tell("begun", now())
