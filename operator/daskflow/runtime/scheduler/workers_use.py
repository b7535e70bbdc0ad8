"""What workers were paid for, and what memory and network they used, as their heartbeats say."""

from __future__ import annotations

from typing import Any

from ..record import cut
from .timeline import Timeline

_MOST = 2**60
"""Bytes; what is more is made up."""


class _Worker:
    __slots__ = ("base", "heard", "leaving", "moved", "spilled", "state")

    def __init__(self, state: Any, before: bool) -> None:
        """`before`: it was there when recording began, and its counters are those of its whole life."""
        self.state = state
        self.heard: Any = None
        self.leaving = False
        said = self.said() if before else {}
        self.base = said.get("peak") or 0
        self.spilled = said.get("spilled") or 0
        self.moved = said.get("moved") or 0

    def said(self) -> dict[str, int]:
        """What worker/use.py says; workers that are not ours say nothing, or anything."""
        said = (self.state.metrics or {}).get("daskflow")
        if not isinstance(said, dict):
            return {}
        return {name: value for name, value in said.items() if type(value) is int and 0 <= value < _MOST}


class WorkersUse:
    """From `now` on: seconds of a clock that never goes back."""

    def __init__(self, timeline: Timeline, states: list[Any], work: bool, now: float) -> None:
        """`states`: workers that are there already; `work`: whether any task is open."""
        self.row = timeline.row()
        self.paid = self.idle = self.absent = self.share = 0.0
        self.count = self.threads = self.deaths = 0
        self.peak = self.limit = self.spilled = self.moved = 0
        self.by = ""
        self._timeline = timeline
        self._work = work
        self._last = now
        self._threads = 0
        self._runs = 1
        self._workers: dict[str, _Worker] = {}
        for state in states:
            self.came(state, now, True)

    def came(self, state: Any, now: float, before: bool = False) -> None:
        """A worker has registered."""
        self.until(now)
        self._workers[state.address] = _Worker(state, before)
        self._threads += state.nthreads
        self.count = max(self.count, len(self._workers))
        self.threads = max(self.threads, self._threads)

    def leaves(self, address: str, leaves: bool) -> None:
        """A worker goes in order, or stays after all."""
        if address in self._workers:
            self._workers[address].leaving = leaves

    def went(self, address: str, now: float, expected: bool) -> None:
        """A worker is not registered any more."""
        worker = self._workers.pop(address, None)
        if worker is not None:
            self.until(now)
            self._look(worker)
            self._threads -= worker.state.nthreads
            self.deaths += not (expected or worker.leaving)

    def restarted(self) -> None:
        """`client.restart()`: all go, and are expected back."""
        for worker in self._workers.values():
            worker.leaving = True

    def work(self, work: bool, now: float) -> None:
        """Whether any task is open from now on."""
        self.until(now)
        self._work = work

    def shared(self, runs: int, now: float) -> None:
        """Among so many runs from now on: `share` is this one's of `paid`, and `idle` has its own alone."""
        self.until(now)
        self._runs = runs

    def until(self, now: float) -> None:
        """What holds has held until now."""
        seconds = now - self._last
        if seconds > 0:
            if self._threads:
                self.paid += self._threads * seconds
                share = self._threads * seconds / self._runs
                self.share += share
                self.idle += 0 if self._work else share
                self._timeline.add(self.row, self._last, now, self._threads)
            elif self._work:
                self.absent += seconds
            self._last = now

    def look(self) -> None:
        """Called once a second."""
        for worker in self._workers.values():
            self._look(worker)
            if worker.state.status.name.startswith("closing"):
                worker.leaving = True

    def _look(self, worker: _Worker) -> None:
        """The kernel's own peak counts where it rose; a sample can miss what lasts a moment."""
        state = worker.state
        if state.metrics is worker.heard:  # each heartbeat brings others
            return
        worker.heard, said = state.metrics, worker.said()
        peak, memory = said.get("peak") or 0, (state.metrics or {}).get("memory") or 0
        memory = max(memory, peak if peak > worker.base else 0)
        if memory > self.peak:
            self.peak, self.by, self.limit = memory, cut(str(state.name), 100), state.memory_limit or 0
        spilled, moved = said.get("spilled") or 0, said.get("moved") or 0
        self.spilled += max(spilled - worker.spilled, 0)
        self.moved += max(moved - worker.moved, 0)
        worker.spilled, worker.moved = spilled, moved
