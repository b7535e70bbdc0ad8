"""Where the time and the memory of a run went, recorded as it happens: its report (api/flowrun_report.py).

Takes the same memory whatever the run: PREFIXES prefixes, a timeline of fixed size, sums. Of more prefixes
the cheaper half becomes `others` each time, so that one which comes late and is dear has its name.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Callable

from ..record import cut
from .task_log import OTHERS, TaskLog
from .timeline import Timeline, sums, within
from .workers_use import WorkersUse

PREFIXES = 200
_TOLD = 8
_ROWS = 6
_AHEAD = 10.0
_ENDS = ("memory", "erred")


class Prefix:
    """Of tasks with the same prefix: seconds in threads, bytes of results."""

    __slots__ = ("bytes", "failed", "longest", "name", "row", "seconds", "tasks", "transfer")

    def __init__(self, name: str, row: list[float]) -> None:
        self.name = name
        self.tasks = self.failed = self.bytes = 0
        self.seconds = self.longest = self.transfer = 0.0
        self.row = row

    def take(self, others: list[Prefix]) -> None:
        """All that the others have."""
        for each in others:
            self.tasks += each.tasks
            self.failed += each.failed
            self.bytes += each.bytes
            self.seconds += each.seconds
            self.transfer += each.transfer
            self.longest = max(self.longest, each.longest)
        self.row[:] = sums([self.row, *(each.row for each in others)])


class Report:
    """Of one run, from now on. `mine` says whether a task is this run's, where others have some as well.

    Then each run pays for the threads that its own tasks take, and an equal share of those that wait.
    """

    def __init__(self, scheduler: Any, work: bool, mine: Callable[[Any], bool] | None = None) -> None:
        self._scheduler = scheduler
        self._mine = mine
        self._began = time.time()
        self._offset = self._began - time.monotonic()
        self._timeline = Timeline(self._began)
        self._prefixes: dict[str, Prefix] = {}
        self._foreign = Prefix("", self._timeline.row())
        self._away: dict[Any, float] = {}
        """For how long tasks that run now have been out of their threads."""
        self._queued = 0.0
        self._looked = self._began
        self.tasks: TaskLog | None = None
        """The record of each task, where there is one."""
        self.workers = WorkersUse(self._timeline, list(scheduler.workers.values()), work, self._began)

    def now(self) -> float:
        """The time, as workers have it, by a clock that never goes back."""
        return time.monotonic() + self._offset

    def keep_tasks(self) -> None:
        """From now on there is a record of each."""
        self.tasks = self.tasks or TaskLog(self._began)

    def task(self, key: Any, name: str, finish: str, startstops: Any, nbytes: Any, worker: Any) -> None:
        """A task has ended in the state `finish`. Called for each: has to be cheap."""
        if finish not in _ENDS and not startstops:
            return  # it has never run
        away = self._away.pop(key, 0.0) if self._away else 0.0
        prefix = self._prefix_of(key, name)
        if finish == "memory":
            prefix.tasks += 1
            if nbytes:
                prefix.bytes += nbytes
        elif finish == "erred":
            prefix.tasks += 1
            prefix.failed += 1
        start = stop = 0.0
        for each in startstops:
            action = each["action"]
            if action == "compute":
                start, stop = each["start"], each["stop"]
                if stop > self._looked + _AHEAD and stop > (now := self.now()) + _AHEAD:
                    start, stop = start - stop + now, now  # by a clock that is wrong
                if start < self._began or start > stop:
                    start = min(max(start, self._began), stop)
                seconds = max(stop - start - away, 0.0)
                prefix.seconds += seconds
                if seconds > prefix.longest:
                    prefix.longest = seconds
                self._timeline.add(prefix.row, start, stop)
            elif action == "transfer":
                prefix.transfer += max(each["stop"] - each["start"], 0.0)
        if self.tasks is not None and finish in _ENDS and prefix is not self._foreign:
            self.tasks.add(prefix.name, worker, start, stop, nbytes or 0, finish == "erred")

    def _prefix_of(self, key: Any, name: str) -> Prefix:
        if self._mine is not None and not self._mine(key):
            return self._foreign
        return self._prefixes.get(name) or self._prefix(name)

    def _prefix(self, name: str) -> Prefix:
        if len(self._prefixes) >= PREFIXES:
            self._fold()
        if name not in self._prefixes:
            self._prefixes[name] = Prefix(name, self._timeline.row())
        return self._prefixes[name]

    def _fold(self) -> None:
        others = self._prefixes.pop(OTHERS, None) or Prefix(OTHERS, self._timeline.row())
        dearest = sorted(self._prefixes.values(), key=lambda each: -each.seconds)
        others.take(dearest[PREFIXES // 2 :])
        self._timeline.forget([each.row for each in dearest[PREFIXES // 2 :]])
        self._prefixes = {each.name: each for each in (others, *dearest[: PREFIXES // 2])}

    def look(self) -> None:
        """Called once a second: who waits for a thread, and who has left it."""
        now = self.now()
        seconds, self._looked = now - self._looked, now
        self.workers.until(now)
        self.workers.look()
        waiting = len(self._scheduler.unrunnable) + len(getattr(self._scheduler, "queued", None) or ())
        for state in self._scheduler.workers.values():
            waiting += max(len(state.processing) - len(state.long_running) - state.nthreads, 0)
        self._queued += waiting * seconds
        away = [task for state in self._scheduler.workers.values() for task in state.long_running]
        self._away = {task.key: self._away.get(task.key, 0.0) + seconds for task in away}
        for task in away:  # such a one runs beside its thread, and tells all of its time when it ends
            self._timeline.add(self._prefix_of(task.key, task.prefix.name).row, now - seconds, now, -1.0)

    def _unfinished(self, now: float) -> Iterator[tuple[Any, float]]:
        """What runs at this moment, and for how long: Dask says so with heartbeats."""
        for state in self._scheduler.workers.values():
            for task, seconds in state.executing.items():
                if task.processing_on is state:
                    seconds = min(seconds + max(time.time() - state.last_seen, 0.0), now - self._began)
                    yield task, seconds

    def said(self) -> dict[str, Any]:
        """The report so far, as daskflow.api.flowrun_report tells of it, in full."""
        now = self.now()
        self.workers.until(now)
        self.workers.look()
        self._timeline.reach(now)
        copies = {each.name: _copy(each) for each in self._prefixes.values()}
        foreign = _copy(self._foreign)
        for task, seconds in self._unfinished(now):
            prefix = self._prefix_of(task.key, task.prefix.name)
            own = prefix is not self._foreign
            copy = copies.setdefault(prefix.name, _copy(prefix)) if own else foreign
            in_thread = max(seconds - self._away.get(task.key, 0.0), 0.0)
            copy.seconds += in_thread
            copy.longest = max(copy.longest, in_thread)
            self._timeline.add(copy.row, now - seconds, now)
        dearest = sorted(copies.values(), key=lambda each: (-each.seconds, -each.tasks, each.name))
        workers = self.workers
        busy = sum(each.seconds for each in dearest)
        paid = workers.paid if self._mine is None else self._paid(busy, foreign.seconds)
        return {
            "seconds": _rounded(now - self._began),
            "tasks": sum(each.tasks for each in dearest),
            "failed": sum(each.failed for each in dearest),
            "threadSeconds": {
                "paid": _rounded(paid),
                "busy": _rounded(busy),
                "idle": _rounded(workers.idle),
                "queued": _rounded(self._queued),
            },
            "memory": {
                "peak": int(workers.peak),
                "by": workers.by,
                **({"limit": int(workers.limit)} if workers.limit else {}),
                "spilled": int(workers.spilled),
            },
            "moved": int(workers.moved),
            "movedSeconds": _rounded(sum(each.transfer for each in dearest)),
            "workers": {
                "count": workers.count,
                "threads": workers.threads,
                "deaths": workers.deaths,
                "absent": _rounded(workers.absent),
            },
            "prefixes": [_told(each) for each in dearest[:_TOLD]],
            "timeline": self._drawn(now, [each.row for each in dearest], foreign.row),
        }

    def _drawn(self, now: float, rows: list[list[float]], foreign: list[float]) -> str:
        """In each moment this run's threads in tasks, below those and its share of the ones that wait."""
        workers = self.workers
        others, *rows = within([foreign, *rows[:_ROWS], sums(rows[_ROWS:])], workers.row)
        there = workers.row
        if self._mine is not None:
            share, busy = workers.share / max(workers.paid, 1e-9), sums(rows)
            there = [own + (all_ - own - other) * share for all_, own, other in zip(there, busy, others)]
        return self._timeline.text(now, [there, *rows])

    def _paid(self, busy: float, foreign: float) -> float:
        workers = self.workers
        waited = max(workers.paid - busy - foreign, 0.0)
        return busy + (waited * workers.share / workers.paid if waited else 0.0)


def _copy(prefix: Prefix) -> Prefix:
    copy = Prefix(prefix.name, list(prefix.row))
    for name in ("tasks", "failed", "seconds", "longest", "bytes", "transfer"):
        setattr(copy, name, getattr(prefix, name))
    return copy


def _told(prefix: Prefix) -> dict[str, Any]:
    return {
        "name": cut(prefix.name, 40),
        "tasks": prefix.tasks,
        "seconds": _rounded(prefix.seconds),
        "longest": _rounded(prefix.longest),
        "bytes": int(prefix.bytes),
    }


def _rounded(seconds: float) -> float:
    return round(max(seconds, 0.0), 3)
