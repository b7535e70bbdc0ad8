"""Preload in a scheduler that a user's own command has started.

It lets workers hand over (worker/guest.py) and, where that is asked for, has its own ways in (listeners).
Beyond that the scheduler is the user's.
"""

from __future__ import annotations

from typing import Any

from ..guest import end_shadowed, start_shadowed
from ..settings import text
from .listeners import keep_door, two_listeners
from .retirement import release_worker

if text("LOOPBACK") == "1":
    two_listeners()


async def dask_setup(scheduler: Any) -> None:
    """Called by Dask once the scheduler listens."""

    async def leave(address: str, unfinished: Any) -> bool:
        return await release_worker(scheduler, address, unfinished)

    scheduler.handlers["daskflow_leave"] = leave
    if text("LOOPBACK") == "1":
        keep_door(scheduler)
    await start_shadowed(scheduler, "scheduler")


async def dask_teardown(scheduler: Any) -> None:
    """Called by Dask when the scheduler closes."""
    await end_shadowed(scheduler)
