"""Whose reports are recorded: the run's whose cluster this is, or those of runs that come to a cluster."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Callable

from ..settings import say
from .report import Report
from .runs_tasks import RunsTasks

MOST = 16
"""Runs at a time that are recorded on a standalone cluster; each costs as much for every task."""
LATE = 256
"""Of so many that have ended the report is remembered, should they ask once more."""
SILENCE = 60.0
"""Seconds without a lease, of a runner that takes one every few."""


class Reports:
    """A run comes with its runner's first lease, and goes with its outcome, or when that one is silent.

    Nothing here is worth a flow: with the first error there are no reports any more.
    """

    def __init__(self, scheduler: Any, owned: bool, silence: float = SILENCE) -> None:
        self._scheduler = scheduler
        self._silence = silence
        self._own = owned
        self._owned = Report(scheduler, False) if owned else None
        self._leases: dict[str, float] = {}
        self._runs: dict[str, Report] = {}
        self._tasks = RunsTasks(self._runs)
        self._ended: dict[str, dict[str, Any] | None] = {}
        self._broken = False
        self._work = False
        self._running: dict[Any, float] = {}
        """When what runs was begun."""
        self.all = [self._owned] if self._owned else []

    def leased(self, runner: str, tasks: bool, now: float) -> None:
        """A runner lives; `tasks`: it wants a record of each task."""
        if not self._own and not self._broken and runner not in self._ended:
            if runner not in self._runs and len(self._runs) < MOST:
                self._begin(runner)
            if runner in self._runs:
                self._leases[runner] = now
        report = self.of(runner)
        if tasks and report is not None:
            report.keep_tasks()

    def anew(self) -> None:
        """The run whose cluster this is begins now, and not with the scheduler."""
        if self._owned is not None:
            self._owned = Report(self._scheduler, self._work)
            self.all = [self._owned]

    def _begin(self, runner: str) -> None:
        tasks = self._tasks
        try:
            self._runs[runner] = Report(self._scheduler, self._work, lambda key: tasks.of(key) == runner)
        except Exception as error:
            self._give_up(error)
        self._changed()

    def _changed(self) -> None:
        """Another run has come or gone."""
        self.all = [*self._runs.values()]
        self._each(lambda report: report.workers.shared(len(self.all), report.now()))

    def of(self, runner: str) -> Report | None:
        """The report of this runner's run."""
        return self._owned or self._runs.get(runner)

    def said(self, runner: str) -> dict[str, Any] | None:
        """What it says so far. Numbers that JSON has not would cost the message that it is in."""
        report = self.of(runner)
        try:
            said = self._ended.get(runner) if report is None else report.said()
            json.dumps(said, allow_nan=False)
        except Exception as error:
            self._give_up(error)
            return None
        return said

    def ended(self, runner: str) -> dict[str, Any] | None:
        """What it says at its end, on a cluster that stays: from now on it says nothing else."""
        said = self.said(runner)
        if self._runs.pop(runner, None) is not None:
            self._leases.pop(runner, None)
            self._ended[runner] = said
            while len(self._ended) > LATE:
                del self._ended[next(iter(self._ended))]
            self._changed()
        return said

    def look(self, now: float) -> None:
        """Called once a second."""
        for runner in [each for each, last in self._leases.items() if now - last > self._silence]:
            del self._leases[runner]
            if self._runs.pop(runner, None):
                self._changed()
        self._running.clear()
        self._each(lambda report: report.look())
        if self.all:
            self._running.update(_running(self._scheduler))

    def task(self, key: Any, finish: str, said: dict[str, Any]) -> None:
        """A task is on no worker any more; `said` is what that one told.

        Of one that was cancelled, is tried again or has lost its worker nobody tells how long it has taken.
        """
        if not self.all:
            return
        try:
            scheduler = self._scheduler
            name, worker = scheduler.tasks[key].prefix.name, scheduler.workers.get(said.get("worker"))
            startstops = said.get("startstops")
            if not startstops and key in self._running:
                startstops = [{"action": "compute", "start": self._running.pop(key), "stop": time.time()}]
            for report in self.all:
                report.task(key, name, finish, startstops or (), said.get("nbytes"), worker)
        except Exception as error:
            self._give_up(error)

    def asked(self, client: str, keys: Any) -> None:
        """A client has asked for these tasks."""
        if self._runs:
            try:
                self._tasks.asked(client, keys)
            except Exception as error:
                self._give_up(error)

    def forgotten(self, key: Any) -> None:
        """The scheduler does not know this task any more."""
        self._tasks.forget(key)

    def work(self, work: bool) -> None:
        """Whether any task is open, from now on."""
        self._work = work
        self._each(lambda report: report.workers.work(work, report.now()))

    def came(self, address: str) -> None:
        """A worker has registered."""
        self._each(lambda report: report.workers.came(self._scheduler.workers[address], report.now()))

    def leaves(self, address: str, leaves: bool) -> None:
        """A worker has handed over, and goes, or not."""
        self._each(lambda report: report.workers.leaves(address, leaves))

    def went(self, address: str, expected: bool) -> None:
        """A worker is not registered any more."""
        self._each(lambda report: report.workers.went(address, report.now(), expected))

    def restarted(self) -> None:
        """`client.restart()`."""
        self._tasks.clear()
        self._each(lambda report: report.workers.restarted())

    def _each(self, do: Callable[[Report], None]) -> None:
        try:
            for report in self.all:
                do(report)
        except Exception as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        say(f"there will be no report: {error!r}")
        self._broken = True
        self.all, self._owned = [], None
        self._runs.clear()
        self._tasks.clear()


def _running(scheduler: Any) -> Iterator[tuple[Any, float]]:
    """Tasks that run and when they were begun, as heartbeats have it."""
    for state in scheduler.workers.values():
        for task, seconds in state.executing.items():
            if task.processing_on is state:
                yield task.key, state.last_seen - seconds
