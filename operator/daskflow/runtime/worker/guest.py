"""Preload in a worker that a user's own command has started: how it goes is as with ours."""

from __future__ import annotations

from typing import Any

from ..guest import end_shadowed, start_shadowed
from .preload import WorkerShutdown


async def dask_setup(worker: Any) -> None:
    """Called by Dask."""
    worker.daskflow = WorkerShutdown(worker)
    await start_shadowed(worker, "worker")


async def dask_teardown(worker: Any) -> None:
    """Called by Dask when the worker closes."""
    await end_shadowed(worker)
    await worker.daskflow.closing()
