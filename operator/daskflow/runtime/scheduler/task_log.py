"""The record of each task, at 22 bytes a task, and of MOST tasks at most."""

from __future__ import annotations

import json
import zlib
from array import array
from datetime import datetime, timezone
from typing import Any, Callable, NamedTuple

from ..record import cut

MOST = 1_000_000
OTHERS = "others"
"""What prefixes are called that are one too many, here and in a report."""
_PREFIXES = 1000
_AT_ONCE = 10_000
_WORKERS = 65_535
"""Names that are kept; the last stands for all others."""
_NAME = 200
"""Bytes of a name."""


class _Tasks:
    """Of a prefix: one of `kept` tasks. A failed one has a negative number of bytes."""

    __slots__ = ("kept", "nbytes", "seconds", "seen", "start", "worker")

    def __init__(self) -> None:
        self.seen = 0
        self.kept = 1
        self.start, self.seconds, self.nbytes, self.worker = array("d"), array("f"), array("d"), array("H")

    def halve(self) -> None:
        self.kept *= 2
        for name in ("start", "seconds", "nbytes", "worker"):
            setattr(self, name, getattr(self, name)[::2])


class TaskLog:
    """When there are more than MOST, the prefix with the most of them keeps every second one."""

    def __init__(self, began: float, most: int = MOST) -> None:
        self._began = began
        self._most = most
        self._count = 0
        self._prefixes: dict[str, _Tasks] = {}
        self._workers: dict[str, int] = {}
        self._threads: list[int] = []

    def add(self, prefix: str, worker: Any, start: float, stop: float, nbytes: int, failed: bool) -> None:
        """A task has ended; `worker` is its state, or None where nobody knows it any more."""
        tasks = self._prefixes.get(prefix) or self._tasks(prefix)
        tasks.seen += 1
        if (tasks.seen - 1) % tasks.kept:
            return
        if self._count >= self._most:
            self._thin()
            if (tasks.seen - 1) % tasks.kept:
                return
        self._count += 1
        tasks.start.append(start - self._began if stop else 0.0)
        tasks.seconds.append(stop - start)
        tasks.nbytes.append(-1 if failed else nbytes)
        tasks.worker.append(self._number(worker))

    def _tasks(self, prefix: str) -> _Tasks:
        name = prefix if len(self._prefixes) < _PREFIXES else OTHERS
        return self._prefixes.setdefault(name, _Tasks())

    def _number(self, worker: Any) -> int:
        name = str(worker.name) if worker is not None else ""
        number = self._workers.get(name)
        if number is None:
            if len(self._workers) >= _WORKERS:
                return _WORKERS - 1
            number = self._workers[name] = len(self._workers)
            self._threads.append(worker.nthreads if worker is not None else 0)
        return number

    def _thin(self) -> None:
        largest = max(self._prefixes.values(), key=lambda each: len(each.start))
        largest.halve()
        self._count = sum(len(each.start) for each in self._prefixes.values())

    def frozen(self) -> Frozen:
        """As it is now."""
        columns = [
            (each.kept, each.worker[:], each.start[:], each.seconds[:], each.nbytes[:])
            for each in self._prefixes.values()
        ]
        prefixes, workers = ([cut(name, _NAME) for name in each] for each in (self._prefixes, self._workers))
        return Frozen(self._began, prefixes, columns, workers, list(self._threads))


class Frozen(NamedTuple):
    """What is not changed by tasks that end meanwhile."""

    began: float
    prefixes: list[str]
    columns: list[Any]
    """Of each prefix: kept, worker, start, seconds, nbytes."""
    workers: list[str]
    threads: list[int]

    def packed(self) -> bytes:
        """As daskflow.api.flowrun_report tells of it, gzipped. Takes seconds for a million tasks."""
        began = datetime.fromtimestamp(self.began, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        head = {
            "v": 1,
            "began": began,
            "prefixes": self.prefixes,
            "kept": [kept for kept, *_ in self.columns],
            "workers": self.workers,
            "threads": self.threads,
        }
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        out = [packer.compress(json.dumps(head)[:-1].encode() + b', "tasks": ')]
        opening = "{"
        for name, values in _COLUMNS.items():
            opening += f'"{name}": ['
            for number, column in enumerate(self.columns):
                for first in range(0, len(column[1]), _AT_ONCE):
                    part = [number, *(each[first : first + _AT_ONCE] for each in column[1:])]
                    out.append(packer.compress((opening + json.dumps(values(*part))[1:-1]).encode()))
                    opening = ", "
            opening = ("" if opening == ", " else opening) + "], "
        out.append(packer.compress((opening[:-2] + "}}").encode()))
        return b"".join([*out, packer.flush()])


_COLUMNS: dict[str, Callable[..., list[Any]]] = {
    "prefix": lambda number, worker, *_: [number] * len(worker),
    "worker": lambda number, worker, *_: worker.tolist(),
    "start": lambda number, worker, start, *_: [round(each, 4) for each in start],
    "stop": lambda number, worker, start, seconds, _: [round(a + b, 4) for a, b in zip(start, seconds)],
    "bytes": lambda *columns: [max(int(each), 0) for each in columns[-1]],
    "failed": lambda *columns: [int(each < 0) for each in columns[-1]],
}
