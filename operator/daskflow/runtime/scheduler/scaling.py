"""Keeps to the operator's orders: who retires, and how many workers each automatic group wants.

Nothing is computed while nothing changes; see EVERY_SECONDS and REFRESH_SECONDS for when tasks run.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Callable

from ..settings import text
from .demand import Load, SlidingMaximum, wanted_workers
from .open_tasks import OpenTasks
from .retirement import Retirement
from .worker_groups import Group, GroupOrder, group_of

EVERY_SECONDS = 0.2
"""Demand is computed at most so often while tasks change."""
REFRESH_SECONDS = 2.0
"""And so often while tasks are open but do not change: Dask learns how long they take."""
SETTLE_SECONDS = 5.0
"""A worker that registers beyond the order may be of an order that is yet to come."""
HELD_SECONDS = 1.0
"""How often to look whether a worker that could not retire can."""


class Scaling:
    """Orders, demand and retirement; `changed` is called when what `state` says has changed."""

    def __init__(self, scheduler: Any, changed: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self.groups = {group.name: group for group in map(group_of, json.loads(text("GROUPS", "[]")))}
        self._orders: dict[str, GroupOrder] = {}
        self._windows: dict[str, SlidingMaximum] = {}
        self._demand: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._computed = 0.0
        self._look: asyncio.TimerHandle | None = None
        self.open_tasks = OpenTasks(scheduler, self._dirty)
        self.retirement = Retirement(scheduler, self._retirement_changed)
        self.revision = 0

    def order(self, revision: int, orders: dict[str, GroupOrder]) -> bool:
        """Take the operator's order; False when a newer one was taken."""
        if revision < self.revision:
            return False
        self.revision = revision
        self._orders = orders
        for name, order in orders.items():
            self.groups.setdefault(name, Group(name, 1, 0, {}))
            if order.autoscale is None:
                self._windows.pop(name, None)
            else:
                self._windows.setdefault(name, SlidingMaximum(0)).delay = order.autoscale.delay
        self._windows = {name: window for name, window in self._windows.items() if name in orders}
        self._compute()
        self._keep()
        return True

    @property
    def ordered(self) -> int | None:
        """How many workers there are to be in all; None before the first order."""
        return sum(order.replicas for order in self._orders.values()) if self._orders else None

    def state(self) -> dict[str, Any]:
        """What watch answers about scaling."""
        return {
            "demand": self._demand,
            "retiring": self.retirement.retiring,
            "held": self.retirement.held,
            "revision": self.revision,
            "ordered": self.ordered,
        }

    def worker_came(self) -> None:
        """A worker has registered."""
        if self._orders:
            self._look_in(SETTLE_SECONDS)

    def worker_went(self, worker: str) -> None:
        """A worker is not registered any more."""
        self.retirement.gone(worker)

    def _keep(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None
        # An order may be older than the demand it answers: nobody goes who is wanted at this moment.
        self.retirement.keep_to(
            {
                name: (max(order.replicas, self._demand.get(name, 0)), order.drain)
                for name, order in self._orders.items()
            }
        )
        if self.retirement.held:
            self._look_in(HELD_SECONDS)

    def _look_in(self, seconds: float) -> None:
        if self._look is None:
            self._look = self._loop.call_later(seconds, self._keep)

    def _retirement_changed(self) -> None:
        self._changed()
        self._dirty()
        if self.retirement.held:
            self._look_in(HELD_SECONDS)

    def _dirty(self) -> None:
        """Called for every change of every task: has to be cheap."""
        if self._windows and (self._timer is None or self._timer.when() > self._computed + EVERY_SECONDS):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._computed + EVERY_SECONDS, self._compute)

    def _compute(self) -> None:
        """Find the demand, tell when it has changed, and see to the next time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._computed = self._loop.time()
        loads = self._loads()
        if self._windows:
            for name, count in wanted_workers(
                self.groups, self._orders, self.open_tasks.backlogs(), loads
            ).items():
                self._windows[name].put(count, now)
        demand = {name: window.value(now) for name, window in self._windows.items()}
        if demand != self._demand:
            self._demand = demand
            self._changed()
        times = [window.next_fall() for window in self._windows.values()]
        times.append(now + REFRESH_SECONDS if self._windows and len(self.open_tasks) else None)
        at = min((each for each in times if each is not None), default=None)
        if at is not None:
            self._timer = self._loop.call_at(max(at, now + EVERY_SECONDS), self._compute)

    def _loads(self) -> dict[str, Load]:
        """Of every ordered group; learns by the way what its workers really are."""
        loads = {}
        for name in self._orders:
            busy = keys = nbytes = 0
            workers = self.retirement.staying(name)
            for worker in workers:
                own = any(worker.used_resources.values())
                busy += bool(own or worker.actors or (name == "default" and worker.processing))
                keys += len(worker.has_what)
                nbytes += worker.nbytes
            loads[name] = Load(len(workers), busy, keys, nbytes)
            if workers:
                self.groups[name] = _seen(name, workers[-1])
        return loads


def _seen(name: str, worker: Any) -> Group:
    """The group as a registered worker shows it: arguments may have overridden the operator's."""
    return Group(name, worker.nthreads, int(worker.memory_limit or 0), dict(worker.resources))
