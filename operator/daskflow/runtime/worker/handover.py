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


class HandOver:
    """The worker's side. One runs at most: who asks meanwhile shortens its time, and gets its answer."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._until = 0.0
        self._running: asyncio.Future[str] | None = None
        self.reason = ""
        """Of the termination message; "" as long as the worker is to stay."""

    def within(self, seconds: float) -> None:
        """What runs here may end within so many seconds from now."""
        until = time.monotonic() + seconds
        self._until = min(self._until, until) if self.reason else until

    async def run(self, reason: str, seconds: float) -> str:
        """Hand over. "" when this worker has been removed and should go; else what it holds and stays for."""
        self.within(seconds)
        if not self.reason or self._running is None:
            self.reason = reason
            say(f"{reason}: handing over tasks and data, {seconds:g} s for what runs")
            self._running = asyncio.ensure_future(self._run())
        return await asyncio.shield(self._running)

    async def _run(self) -> str:
        try:
            worker = self._worker
            retired = await worker.scheduler.retire_workers(
                workers=[worker.address], close_workers=False, remove=False
            )
            while retired and self._busy() and time.monotonic() < self._until:  # noqa: ASYNC110
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
        return "data that no other worker can take"

    def _stay(self) -> None:
        """Take tasks again; Dask itself would leave a worker that failed the second time without."""
        self.reason = ""
        status = self._worker.status
        if status.name == "closing_gracefully":
            self._worker.status = type(status).running

    def _busy(self) -> bool:
        return bool(self._worker.state.executing or self._worker.state.long_running)
