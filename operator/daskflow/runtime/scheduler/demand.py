"""How many workers a group should have for the work and the data that is there.

Dask's own target is one number for the whole cluster and blind to resources. Pure: scaling.py feeds it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from .worker_groups import Group, GroupOrder, Needs

DEFAULT_GROUP = "default"
DEFAULT_TARGET = 5.0
FILL = 0.6
"""Share of a worker's memory that held data may take: above it Dask begins to spill."""
SMALL = 0.1
"""Workers' worth of data that is moved to others rather than kept a worker for."""


class Backlog(NamedTuple):
    """Tasks of one kind that could run now, or run: how many, and how long all of them take together."""

    needs: Needs
    tasks: int
    seconds: float


class Load(NamedTuple):
    """A group's workers that are not retiring."""

    workers: int
    busy: int
    """Those whose going would interrupt something: a task of this group's own, or an actor."""
    keys: int
    nbytes: int


def wanted_workers(
    groups: dict[str, Group], orders: dict[str, GroupOrder], backlogs: list[Backlog], loads: dict[str, Load]
) -> dict[str, int]:
    """Workers of each group whose order has autoscale, within its bounds."""
    needed: dict[str, float] = {}
    for backlog in backlogs:
        _share_out(backlog, groups, orders, needed)
    result = {}
    for name, order in orders.items():
        if order.autoscale is not None:
            load = loads.get(name) or Load(0, 0, 0, 0)
            count = math.ceil(needed.get(name, 0) - 1e-9)
            memory = groups[name].memory
            if memory > 0:
                full = math.ceil(load.nbytes / (FILL * memory) - SMALL)
                # Without work a further worker would get none of the data.
                count = max(count, full if backlogs else min(full, load.workers))
            count = max(count, load.busy, int(name in needed))
            result[name] = min(max(count, order.autoscale.minimum), order.autoscale.maximum)
    _keep_data(orders, loads, result)
    return result


def _share_out(
    backlog: Backlog, groups: dict[str, Group], orders: dict[str, GroupOrder], needed: dict[str, float]
) -> None:
    """Add the workers that one backlog takes to `needed`: what a group cannot have goes on to the next."""
    able = _able(backlog.needs, groups, orders)
    targets = [bounds.target for bounds in (orders[each.name].autoscale for each in able) if bounds]
    left = 1.0
    for position, group in enumerate(able):
        bounds = orders[group.name].autoscale
        target = bounds.target if bounds else min(targets, default=DEFAULT_TARGET)
        slots = group.slots(backlog.needs)
        # Not more workers than tasks, however long they take.
        whole = min(backlog.seconds / target, backlog.tasks) / slots
        before = needed.get(group.name, 0.0)
        take = whole * left
        if position < len(able) - 1:
            take = min(take, max(orders[group.name].most - before, 0))
        needed[group.name] = before + take
        left -= take / whole if whole else left
        if left < 1e-9:
            return


def _able(needs: Needs, groups: dict[str, Group], orders: dict[str, GroupOrder]) -> list[Group]:
    """The groups that are asked, in order of preference.

    A task without needs asks the default group, or, where that one can have no workers, any other.
    One with needs asks the groups that fulfil them: fixed ones first, whose workers are there anyway, then
    those with the least to spare.
    """
    if not needs and DEFAULT_GROUP in orders and orders[DEFAULT_GROUP].most > 0:
        return [groups[DEFAULT_GROUP]]
    able = [groups[name] for name, order in orders.items() if order.most > 0 and groups[name].slots(needs)]
    return sorted(
        able,
        key=lambda group: (
            orders[group.name].autoscale is not None,
            sum(group.resources.values()),
            group.name,
        ),
    )


def _keep_data(orders: dict[str, GroupOrder], loads: dict[str, Load], result: dict[str, int]) -> None:
    """The last worker does not go as long as anybody wants the data it holds."""
    holding = {name: load for name, load in loads.items() if load.keys and orders[name].most > 0}
    if holding and not any(result.get(name, order.replicas) for name, order in orders.items()):
        result[max(holding, key=lambda name: (holding[name].nbytes, name))] = 1


class SlidingMaximum:
    """The largest value of the last `delay` seconds: a rise shows at once, a fall when it has lasted.

    Remembers only values that may still matter, which fall strictly, so there are at most as many as the
    first one is large.
    """

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self._now: int | None = None
        self._past: list[tuple[int, float]] = []  # value, and when it ceased to hold

    def put(self, value: int, at: float) -> None:
        """`value` holds from the time `at` on, which never goes back."""
        if self._now is not None and value < self._now:
            self._past.append((self._now, at))
        while self._past and (self._past[-1][0] <= value):
            self._past.pop()
        self._now = value

    def value(self, at: float) -> int:
        """The largest value of the last `delay` seconds before `at`."""
        while self._past and self._past[0][1] + self.delay <= at:
            self._past.pop(0)
        return self._past[0][0] if self._past else self._now or 0

    def next_fall(self) -> float | None:
        """When the value falls if nothing else is put; None: never."""
        return self._past[0][1] + self.delay if self._past else None
