"""What Dask calls for each change of a task and of the workers: one plugin for all that want to know.

A scheduler spends more on calling a hook that does nothing than all of these take.
"""

from __future__ import annotations

from typing import Any, Protocol

from distributed.diagnostics.plugin import SchedulerPlugin

from .obstacles import Obstacles
from .reports import Reports
from .scaling import Scaling
from .standby import Standby
from .task_counts import TaskCounts


class Watchers(Protocol):
    """Those who want to know (preload.ControlService)."""

    counts: TaskCounts
    scaling: Scaling
    obstacles: Obstacles
    reports: Reports
    standby: Standby | None


class Hooks(SchedulerPlugin):  # type: ignore[misc]
    """Passes on what happens."""

    name = "daskflow"

    def __init__(self, service: Watchers) -> None:
        self._counts = service.counts
        self._open_tasks = service.scaling.open_tasks
        self._scaling = service.scaling
        self._obstacles = service.obstacles
        self._reports = service.reports
        self._standby = service.standby
        self._count, self._opened = self._counts.transition, self._open_tasks.transition

    def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
        """Called by Dask for every change of a task's state: has to be cheap."""
        self._count(key, finish)
        self._opened(key, finish)
        if start == "processing":
            self._reports.task(key, finish, kwargs)
        if finish == "forgotten":
            self._reports.forgotten(key)

    def update_graph(self, scheduler: Any, client: str, tasks: Any, **kwargs: Any) -> None:
        """Called by Dask when a client has asked for these keys, before any of them is done."""
        self._reports.asked(client, tasks)

    def add_worker(self, scheduler: Any, worker: str, **kwargs: Any) -> None:
        """Called by Dask when a worker has registered, before any task is sent to it."""
        if self._standby is not None:
            self._standby.came(worker)
        self._counts.workers_changed()
        self._open_tasks.changed()
        self._scaling.worker_came()
        self._reports.came(worker)

    def remove_worker(self, scheduler: Any, worker: str, **kwargs: Any) -> None:
        """Called by Dask when a worker has gone. Since 2023.2 it says why."""
        self._reports.went(worker, str(kwargs.get("stimulus_id")).startswith("retire-workers"))
        self._counts.workers_changed()
        self._open_tasks.changed()
        self._scaling.worker_went(worker)
        self._obstacles.worker_went(scheduler, worker)

    def restart(self, scheduler: Any) -> None:
        """Called by Dask for `client.restart()`, which forgets tasks without a transition."""
        self._open_tasks.restart()
        self._reports.restarted()
