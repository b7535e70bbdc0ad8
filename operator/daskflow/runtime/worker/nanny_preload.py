"""Nanny preload, in process 1 of a worker's pod: passes SIGTERM on to the worker and follows it.

A user's own command may start several nannies in one process.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any

from ..settings import number
from .preload import MOVE_SECONDS

MARGIN_SECONDS = 1.0
"""Beyond the worker's own bound, so that it is the worker that says how it ended."""


_nannies: list[Any] = []


def dask_setup(nanny: Any) -> None:
    """Called by Dask, before the worker is started."""
    loop = asyncio.get_running_loop()
    _nannies.append(nanny)

    def terminate(*_: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # asked twice: go; the worker goes along
        loop.call_soon_threadsafe(_pass_on)

    signal.signal(signal.SIGTERM, terminate)


def _pass_on() -> None:
    timer = threading.Timer(number("DRAIN", 20) + MOVE_SECONDS + MARGIN_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()
    living = {nanny.pid: nanny for nanny in _nannies if nanny.pid is not None}
    if not living:
        os._exit(0)
    for pid, nanny in living.items():
        nanny.close_gracefully()  # now the nanny ends with its worker instead of starting another
        os.kill(pid, signal.SIGTERM)
