"""Progress that never runs backwards. Dask's own counts forget released tasks, and their total falls to 0."""

from __future__ import annotations

from typing import Any, Callable


class TaskCounts:
    """Counts distinct keys: a task that is done again after a worker's death counts once.

    Only keys that the scheduler still knows are remembered, so memory is bounded by its own.
    """

    def __init__(self, counted: Callable[[], None], workers_changed: Callable[[], None]) -> None:
        self.total = 0
        self.done = 0
        self._known: dict[Any, bool] = {}
        self._counted = counted
        self.workers_changed = workers_changed

    def transition(self, key: Any, finish: str) -> None:
        """Called for every change of a task's state."""
        if finish == "forgotten":
            self._known.pop(key, None)
            return
        done = self._known.get(key)
        if done is None:
            self._known[key] = done = False
            self.total += 1
            self._counted()
        if finish == "memory" and not done:
            self._known[key] = True
            self.done += 1
            self._counted()

    def anew(self) -> None:
        """What was done before belongs to no run; keys that are known already do not count."""
        self.total = self.done = 0
        self._known = dict.fromkeys(self._known, True)
