"""Worker preload: hand data over on SIGTERM, leave at once when the scheduler is gone, say when registered.

Dask calls `dask_setup` in the event loop before the worker registers, `dask_teardown` when it closes.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import Any

from . import ready
from .settings import number, say, text

LEAVE_SECONDS = 0.5
"""A closing worker waits up to 30 s for its tasks, whose results nobody takes any more: it gets this long."""


def dask_setup(worker: Any) -> None:
    """Called by Dask."""
    group = text("GROUP")
    worker.startup_information["daskflow_group"] = lambda _: group
    loop = asyncio.get_running_loop()
    worker.daskflow = [asyncio.ensure_future(_registered(worker))]

    def terminate(*_: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # asked twice: go
        loop.call_soon_threadsafe(lambda: worker.daskflow.append(asyncio.ensure_future(_drain(worker))))

    signal.signal(signal.SIGTERM, terminate)


def dask_teardown(worker: Any) -> None:
    """Called by Dask when the worker closes: retired, or the scheduler has gone."""
    _leave_within(LEAVE_SECONDS)


async def _registered(worker: Any) -> None:
    while worker.status.name != "running":  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await ready.serve()


async def _drain(worker: Any) -> None:
    """Give tasks time to end and data to other workers, then go; DASKFLOW_DRAIN seconds (20) bound it all."""
    bound = number("DRAIN", 20)
    _leave_within(bound + 2)
    if worker.status.name == "running":
        say(f"SIGTERM: handing over tasks and data within {bound:g} s")
        try:
            await asyncio.wait_for(_hand_over(worker), bound)
        except Exception as error:
            say(f"not everything was handed over: {error!r}")
    _go()


async def _hand_over(worker: Any) -> None:
    """Retire without running anything twice.

    Retiring returns at once while tasks still run here, and a worker that is removed has them run again
    elsewhere: so first no new ones, then wait for those that run, then move what they left.
    """
    for remove in (False, True):
        retired = await worker.scheduler.retire_workers(
            workers=[worker.address], close_workers=False, remove=remove
        )
        if not retired:
            raise RuntimeError("no other worker can take the data")
        while worker.state.executing or worker.state.long_running:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _leave_within(seconds: float) -> None:
    timer = threading.Timer(seconds, _go)
    timer.daemon = True
    timer.start()


def _go() -> None:
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # closed by the user's code, or the pipe is gone
            continue
    os._exit(0)
