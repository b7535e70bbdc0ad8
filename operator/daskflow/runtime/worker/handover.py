"""How a worker goes without anything being run twice: told by the scheduler to retire, or by SIGTERM.

Retiring as Dask does it comes back at once while tasks still run here, and a worker that is removed has them
run again elsewhere. So: take no new tasks and move the data; wait for those that run, within a bound; then,
when the scheduler knows of their end, move what they left and have this worker removed.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ..settings import say

_UNFINISHED = frozenset(
    ("waiting", "ready", "constrained", "executing", "long-running", "resumed", "cancelled")
)
KNOW_SECONDS = 5.0
"""How long the scheduler waits for news of tasks that have ended here; they are on their way already."""


class HandOver:
    """The worker's side. One runs at most; asking again only shortens the time it has."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._until = 0.0
        self.reason = ""
        """Of the termination message; "" as long as the worker is to stay."""

    def within(self, seconds: float) -> None:
        """What runs here may end within so many seconds from now."""
        until = time.monotonic() + seconds
        self._until = min(self._until, until) if self.reason else until

    async def run(self, reason: str, seconds: float) -> str:
        """Hand over. "" when this worker has been removed and should go; else why it has to stay."""
        if self.reason:
            return "it is on its way already"
        self.within(seconds)
        self.reason = reason
        say(f"{reason}: handing over tasks and data, {seconds:g} s for what runs")
        try:
            worker = self._worker
            retired = await worker.scheduler.retire_workers(
                workers=[worker.address], close_workers=False, remove=False
            )
            while retired and self._running() and time.monotonic() < self._until:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            if retired:
                tasks = worker.state.tasks.values()
                unfinished = [task.key for task in tasks if task.state in _UNFINISHED]
                retired = await worker.scheduler.daskflow_leave(address=worker.address, unfinished=unfinished)
            if retired:
                return ""
        except BaseException:
            self._stay()
            raise
        self._stay()
        return "no other worker can take its data"

    def _stay(self) -> None:
        """Take tasks again; Dask itself would leave a worker that failed the second time without."""
        self.reason = ""
        status = self._worker.status
        if status.name == "closing_gracefully":
            self._worker.status = type(status).running

    def _running(self) -> bool:
        return bool(self._worker.state.executing or self._worker.state.long_running)


async def leave(scheduler: Any, address: str, unfinished: Any) -> bool:
    """The scheduler's side of the last step; False when the worker's data cannot be moved.

    The message that a task has ended may come by another connection and later than this call: removed now,
    the worker would have that task run again.
    """
    kept = set(unfinished)
    until = time.monotonic() + KNOW_SECONDS
    while time.monotonic() < until:
        worker = scheduler.workers.get(address)
        if worker is None or all(task.key in kept for task in worker.processing):
            break
        await asyncio.sleep(0.01)
    if address not in scheduler.workers:
        return True
    return bool(await scheduler.retire_workers(workers=[address], close_workers=False, remove=True))
