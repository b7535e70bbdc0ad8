"""Worker preload: hand data over before going, leave at once when the scheduler is gone, say when registered.

Dask calls `dask_setup` in the event loop before the worker registers, `dask_teardown` when it closes. With a
nanny this is the nanny's child; nanny_preload.py is the preload of process 1.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from typing import Any

from .. import ready, record, sigterm
from ..clusters.one_machine_code import use_runs_cluster
from ..frames import keep_files
from ..settings import number, say, text
from .claimed import Claimed
from .handover import HandOver
from .use import Use

LEAVE_SECONDS = 0.5
"""A closing worker waits up to 30 s for its tasks, whose results nobody takes any more: it gets this long."""
MOVE_SECONDS = 6.0
"""After SIGTERM, for data, beyond what running tasks have; together less than the pod's grace period."""
NANNY_SECONDS = 5.0
"""How long the nanny may take to hear that this worker is not to be started again."""


def dask_setup(worker: Any) -> None:
    """Called by Dask. A nanny's worker, a new process, has nothing of what was prepared in process 1."""
    use_runs_cluster()
    keep_files()
    worker.daskflow = WorkerShutdown(worker)
    worker.metrics["daskflow"] = Use()


async def dask_teardown(worker: Any) -> None:
    """Called by Dask when the worker closes: retired, the scheduler has gone, or its nanny ends it."""
    await worker.daskflow.closing()


class WorkerShutdown:
    """How this worker goes, and what it says then."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._loop = asyncio.get_running_loop()
        self._hand_over = HandOver(worker)
        self._tasks = [asyncio.ensure_future(_registered(worker))]
        self._close = worker.close
        self._nanny_stays = False
        group = text("GROUP")
        worker.startup_information["daskflow_group"] = lambda _: group
        worker.handlers["daskflow_retire"] = self.retire
        worker.handlers["daskflow_claim"] = worker.stream_handlers["daskflow_claim"] = Claimed().hear
        worker.close = worker.stream_handlers["close"] = self.close
        sigterm.handle(self._signalled)

    async def retire(self, drain: float) -> str:
        """The scheduler's order: go, after at most `drain` seconds for what runs. Answers what keeps it."""
        held = await self._hand_over.run("Retired", drain)
        if not held:
            await self._go(self._hand_over.reason)
        return held

    async def close(self, *args: Any, **kwargs: Any) -> Any:
        """In place of the worker's own: says why in the sigterm message."""
        if self._worker.nanny and kwargs.get("nanny") is False:
            self._nanny_stays = True  # `client.restart()`: the pod goes on
        elif self._worker.status.name not in ("closing", "closed", "failed"):
            _write(self._hand_over.reason or self._closed_by(str(kwargs.get("reason"))))
        return await self._close(*args, **kwargs)

    def _closed_by(self, why: str) -> str:
        """The word for an end that Dask gives this reason."""
        if why == "scheduler-close" or "broken" in why:
            return "SchedulerGone"
        if self._worker.status.name == "closing_gracefully":
            return "Retired"
        # What `client.restart()` does where there is no nanny; heard of late, the second.
        return (
            "Removed" if why in ("scheduler-remove-worker", "worker-heartbeat-missing") else "SchedulerGone"
        )

    async def closing(self) -> None:
        """The worker closes; a busy one would linger."""
        if not self._nanny_stays:
            await self._tell_nanny()
        _exit_within(LEAVE_SECONDS)

    def _signalled(self, *_: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # asked twice: go
        self._loop.call_soon_threadsafe(lambda: self._tasks.append(asyncio.ensure_future(self._terminate())))

    async def _terminate(self) -> None:
        """DASKFLOW_DRAIN seconds (20) for what runs, MOVE_SECONDS more for data."""
        drain = number("DRAIN", 20)
        _exit_within(drain + MOVE_SECONDS, "Terminated")
        if self._hand_over.reason:  # retiring already, and goes when that is done
            self._hand_over.within(drain)
            return
        if self._worker.status.name in ("running", "paused"):
            try:
                held = await self._hand_over.run("Terminated", drain)
            except Exception as error:
                held = repr(error)
            if held:
                say(f"not everything was handed over: {held}")
        await self._go("Terminated")

    async def _go(self, reason: str) -> None:
        _write(reason)
        await self._tell_nanny()
        _exit()

    async def _tell_nanny(self) -> None:
        """The nanny would start a worker that has gone again."""
        if self._worker.nanny:
            call = self._worker.rpc(self._worker.nanny).close_gracefully(reason="daskflow")
            try:
                await asyncio.wait_for(call, NANNY_SECONDS)
            except Exception as error:
                say(f"the nanny did not answer: {error!r}")


async def _registered(worker: Any) -> None:
    while worker.status.name != "running":  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await ready.serve()


def _write(reason: str) -> None:
    record.write({"v": 1, "role": "worker", "reason": reason})


def _exit_within(seconds: float, reason: str = "") -> None:
    """Go then at the latest, whatever holds the event loop."""

    def end() -> None:
        if reason:
            _write(reason)
        _exit()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _exit() -> None:
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # closed by the user's code, or the pipe is gone
            continue
    os._exit(0)
