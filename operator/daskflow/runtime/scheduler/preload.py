"""Scheduler preload: control listener, lease, counts, scaling, and the end of the cluster.

Dask calls `dask_setup` in the scheduler's event loop once the scheduler listens.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from typing import Any, Callable

from .. import ready, record
from ..forward_logs import keep_no_events
from ..frames import keep_files
from ..settings import number, say, text
from . import peers
from .control_listener import listen
from .hooks import Hooks
from .lifetime import Lease
from .obstacles import Obstacles
from .reports import Reports
from .retirement import release_worker
from .scaling import Scaling
from .standby import UNCLAIMED, Standby, Unclaimed
from .task_counts import TaskCounts
from .unused import UNUSED, Use
from .version import Version
from .worker_groups import GroupOrder

CLOSE_SECONDS = 5.0
"""How long closing may take before the process just goes."""

REPORT_SECONDS = 15.0
"""How old the report of a scheduler may be that is killed."""


class ControlService:
    """The one object of this preload: answers the control listener and ends the scheduler."""

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler
        self._loop = asyncio.get_running_loop()
        self._owned = text("OWNED") == "1"
        self._lease = Lease(number("LEASE_FIRST_SECONDS", 900), number("LEASE_SECONDS", 20))
        self._outcome: dict[str, Any] | None = None
        self._kept: dict[str, Any] = {}
        self._ending = ""
        self._timer: asyncio.TimerHandle | None = None
        self._blind = False
        self._said, self._said_at = "", 0.0
        self._report: dict[str, Any] | None = None
        self._every = number("REPORT_SECONDS", REPORT_SECONDS)
        self.version = Version()
        self.counts = TaskCounts(self._counted, self.version.rise)
        self.scaling = Scaling(scheduler, self.version.rise)
        self.obstacles = Obstacles(scheduler, self.scaling.groups, self.version.rise)
        self._use = Use(scheduler, self.scaling.open_tasks)
        self.reports = Reports(scheduler, self._owned)
        self.scaling.open_tasks.turned = self.reports.work
        self.standby: Standby | None = None
        if seconds := number("STANDBY_SECONDS", 0):
            self.standby = Standby(scheduler, seconds, self._claimed, self.version.rise)

    def lease(self, runner: str, begun: str | None, tasks: bool) -> str | None:
        """See control_listener.Service. Without an owner there is nothing to fence: everybody is served."""
        if begun and self.standby and self.standby.claim is None:
            raise Unclaimed
        now = self._use.leased = time.monotonic()
        self.reports.leased(runner, tasks, now)
        before = (self._lease.holder, self._lease.begun)
        if self._owned and not self._lease.take(runner, begun):
            return self._lease.holder
        if before != (self._lease.holder, self._lease.begun):
            self._write("")  # a scheduler that is killed still says whether the flow had begun
            self.version.rise()
        return None

    def _claimed(self) -> None:
        """From now on it is as if the cluster had just come up for the run."""
        self._lease.heard()
        self.counts.anew()
        self.reports.anew()

    def outcome(self, runner: str, outcome: dict[str, Any], kept: Any) -> str | None:
        """See control_listener.Service. The termination message is written before the answer."""
        if not self._owned:
            return None
        if self._lease.holder not in (None, runner):
            return self._lease.holder
        if self._outcome is None:
            self._lease.take(runner, None)
            self._outcome = record.fit(outcome)
        # This message may be read before the runner's.
        self._kept = {name: kept[name] for name in ("record", "note") if name in kept} if kept else {}
        self._write("OutcomeReceived")
        return None

    def report(self, runner: str, ended: bool) -> dict[str, Any] | None:
        """See control_listener.Service. It is what was written a moment ago, if any was."""
        if self._owned:
            return self._report
        return self.reports.ended(runner) if ended else self.reports.said(runner)

    def tasks(self, runner: str) -> Callable[[], bytes] | None:
        """See control_listener.Service."""
        report = self.reports.of(runner)
        log = None if report is None else report.tasks
        return None if log is None else log.frozen().packed

    def scale(self, revision: int, orders: dict[str, GroupOrder]) -> int | None:
        """See control_listener.Service."""
        return None if self.scaling.order(revision, orders) else self.scaling.revision

    async def leave(self, address: str, unfinished: Any) -> bool:
        """Asked by a worker that hands over."""
        self.reports.leaves(address, True)
        gone = await release_worker(self._scheduler, address, unfinished)
        self.reports.leaves(address, gone)
        return gone

    def end(self, reason: str = "OutcomeReceived") -> None:
        """Close the scheduler, on which the workers leave, and then the process, within CLOSE_SECONDS."""
        if self._ending or not (self._owned or reason in ("Terminated", *UNUSED)):
            return
        if self.standby:
            self.standby.over = True
        self._ending = "OutcomeReceived" if self._outcome is not None else reason
        code = 0 if self._ending in ("OutcomeReceived", UNCLAIMED, *UNUSED) else 1
        self._write(self._ending)
        say(f"the cluster goes down: {self._ending}")
        watchdog = threading.Timer(CLOSE_SECONDS, os._exit, (code,))
        watchdog.daemon = True
        watchdog.start()
        self._closing = asyncio.ensure_future(self._close(code))

    async def _close(self, code: int) -> None:
        try:
            await self._scheduler.close()
        finally:
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def state(self, brief: bool) -> dict[str, Any]:
        """What watch answers: contract between operator and runtime, GET /v1/watch."""
        workers = self._scheduler.workers.values()
        answer = {
            "version": self.version.value,
            "registered": len(workers),
            "counts": {"done": self.counts.done, "total": self.counts.total},
            "distributed": peers.versions(self._scheduler),
            "runner": self._lease.holder,
            "begun": self._lease.begun,
            "idle": round(self._use.idle.seconds, 1),
            "forgotten": len(self._scheduler.clients["fire-and-forget"].wants_what) if self._owned else 0,
            "trouble": self.obstacles.said,
            "standby": self.standby and self.standby.state(),
            **self.scaling.state(),
        }
        if not brief:
            answer["workers"] = peers.listed(workers)
        return answer

    async def watch(self) -> None:
        """Once a second: what keeps tasks from running? Does the run live, or, without one, is the cluster
        used?"""
        last = time.monotonic()
        while not self._ending:
            await asyncio.sleep(1)
            now = time.monotonic()
            self._look(now)
            seconds, last = now - last, now
            over = self._lease.tick(seconds) if self._owned else self._use.look(seconds, now)
            over = over or (self.standby.tick(seconds) if self.standby else "")
            if over:
                self.end(over)

    def _look(self, now: float) -> None:
        """What an advisor does not understand of some version of Dask must not end anybody's lease."""
        try:
            self.reports.look(now)
            self.obstacles.look(now)
        except Exception as error:
            if not self._blind:
                say(f"what keeps tasks from running cannot be seen: {error!r}")
            self._blind = True
        if self._lease.begun and now - self._said_at > self._every:
            self._write(self._said)

    def _counted(self) -> None:
        """TaskCounts changed: let the version rise, at most once a second."""
        if self._timer is None:
            self._timer = self._loop.call_later(1, self._count_up)

    def _count_up(self) -> None:
        self._timer = None
        self.version.rise()

    def _write(self, reason: str) -> None:
        if self._owned or reason:
            self._said, self._said_at = reason, time.monotonic()
            said = {
                "v": 1,
                "role": "scheduler",
                "outcome": self._outcome,
                "begun": self._lease.begun,
                "runner": self._lease.holder and record.cut(self._lease.holder, 64),
                "reason": reason,
            }
            report = self.reports.said("")
            self._report = report and {**report, **self._kept}
            record.write(record.with_report(said, self._report))


async def dask_setup(scheduler: Any) -> None:
    """Called by Dask. A scheduler without its control listener is of no use: any error ends the process."""
    try:
        keep_files()
        service = ControlService(scheduler)
        scheduler.add_plugin(Hooks(service))
        scheduler.handlers["daskflow_leave"] = service.leave
        keep_no_events(scheduler)
        server = await listen(service, service.version)
        scheduler.daskflow = (service, server, asyncio.ensure_future(service.watch()))
        loop = asyncio.get_running_loop()
        # Dask set its own handler before it called us; ours writes the message first.
        signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(service.end, "Terminated"))
        await ready.serve()
    except BaseException as error:
        say(f"the control listener cannot start: {error!r}")
        os._exit(1)
