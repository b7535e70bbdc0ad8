"""What there is to do, counted as it changes: so that asking costs nothing that grows with the tasks."""

from __future__ import annotations

from typing import Any, Callable

from .demand import Backlog
from .worker_groups import Needs

_OPEN = frozenset(("processing", "queued", "no-worker"))
_ANYWHERE: Needs = frozenset()


class OpenTasks:
    """Open tasks: those that run, are on a worker, or wait for one. By needs and by prefix, whose average
    duration Dask keeps.

    Tasks that wait for other tasks are not counted: while there are any, one of those is open.
    """

    def __init__(self, scheduler: Any, changed: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self.changed = changed
        self.turned: Callable[[bool], None] = lambda work: None
        """Called when there is something to do, and when there is nothing any more."""
        self._open: dict[Any, tuple[Needs | None, Any]] = {}
        self._counts: dict[Needs, dict[Any, int]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def transition(self, key: Any, finish: str) -> None:
        """Called for every change of a task's state."""
        if finish in _OPEN:
            if key not in self._open:
                if not self._open:
                    self.turned(True)
                task = self._scheduler.tasks[key]
                place = self._open[key] = (_needs(task), task.prefix)
                self._count(*place, 1)
        elif key in self._open:
            self._count(*self._open.pop(key), -1)
            if not self._open:
                self.turned(False)
        elif finish not in ("memory", "forgotten"):  # those two change what data is held
            return
        self.changed()

    def restart(self) -> None:
        """All tasks are forgotten, without a transition."""
        self._open.clear()
        self._counts.clear()
        self.turned(False)
        self.changed()

    def backlogs(self) -> list[Backlog]:
        """Open tasks but those that have left their thread (`secede`), and how long they take."""
        left: dict[tuple[Needs | None, Any], int] = {}
        for worker in self._scheduler.workers.values():
            for task in worker.long_running:
                place = self._open.get(task.key)
                if place is not None:
                    left[place] = left.get(place, 0) + 1
        backlogs = []
        for needs, counts in self._counts.items():
            tasks, seconds = 0, 0.0
            for prefix, count in counts.items():
                count -= left.get((needs, prefix), 0)
                tasks += count
                seconds += count * self._duration(prefix)
            if tasks > 0:
                backlogs.append(Backlog(needs, tasks, seconds))
        return backlogs

    def _duration(self, prefix: Any) -> float:
        """Seconds, as Dask estimates them for its own occupancy."""
        average = prefix.duration_average
        if average >= 0:
            return float(average)
        longest = prefix.max_exec_time
        return float(2 * longest if longest > 0 else self._scheduler.UNKNOWN_TASK_DURATION)

    def _count(self, needs: Needs | None, prefix: Any, change: int) -> None:
        if needs is None:
            return
        counts = self._counts.setdefault(needs, {})
        counts[prefix] = counts.get(prefix, 0) + change
        if not counts[prefix]:
            del counts[prefix]
            if not counts:
                del self._counts[needs]


def _needs(task: Any) -> Needs | None:
    """None for a task that may run on certain workers or hosts only: no new one would help it."""
    if (task.worker_restrictions or task.host_restrictions) and not task.loose_restrictions:
        return None
    restrictions = task.resource_restrictions
    return frozenset(restrictions.items()) if restrictions else _ANYWHERE
