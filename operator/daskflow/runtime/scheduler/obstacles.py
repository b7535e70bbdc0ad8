"""What keeps tasks from running although their flow runs, in a sentence for the operator to pass on."""

from __future__ import annotations

import itertools
import time
from typing import Any, Callable, NamedTuple

from distributed.core import Status

from ..record import cut
from ..settings import number
from .worker_groups import Group

LASTS = 15.0
"""Seconds for which there must be something before it is said: workers come and go, memory fills up."""
GONE = 20.0
"""Seconds for which it must be gone before it is no longer said."""
SILENCE_SAID = 90.0
"""Seconds for which a worker that was closed for its silence is told of."""
_LOOKED_AT = 200
"""Tasks without a worker that are looked at; there may be a million of one kind."""


class Obstacle(NamedTuple):
    """A reason of the operator's (api/reasons.py) and the sentence."""

    reason: str
    sentence: str


class Obstacles:
    """`look` is called once a second; `said` is what the operator is told, which `changed` is called for.

    A sentence stays as it is for as long as its reason does, so that it costs the operator one write.
    """

    def __init__(self, scheduler: Any, groups: dict[str, Group], changed: Callable[[], None]) -> None:
        self.said: Obstacle | None = None
        self._scheduler = scheduler
        self._groups = groups
        self._changed = changed
        self._seen: dict[str, tuple[float, str]] = {}
        self._silent: tuple[float, Obstacle] | None = None
        self._lasts = number("OBSTACLE_SECONDS", LASTS)
        self._reason = ""
        self._since = self._last = 0.0

    def look(self, now: float) -> None:
        """`now` is a clock that never goes back, in seconds."""
        self._seen = {each.address: (each.last_seen, str(each.name)) for each in self._workers()}
        found = self._found(now)
        if found is None:
            self._reason = ""
            if self.said is not None and now - self._last > GONE:
                self.said = None
                self._changed()
            return
        self._last = now
        if found.reason != self._reason:
            self._reason, self._since = found.reason, now
        lasts = 0.0 if found.reason == "WorkerSilent" else self._lasts
        if now - self._since >= lasts and (self.said is None or self.said.reason != found.reason):
            self.said = found
            self._changed()

    def worker_went(self, scheduler: Any, worker: str) -> None:
        """A worker is not registered any more: was it for its silence?"""
        last, name = self._seen.get(worker, (0.0, ""))
        limit = getattr(scheduler, "worker_ttl", None)
        if name and limit and time.time() - last > 0.98 * limit:
            sentence = (
                f"Worker {name} was closed after {limit:.0f}s without a sign of life: a task held Python's"
                " lock, or its node stood still. Let such code release it, or raise"
                " distributed.scheduler.worker-ttl in config."
            )
            self._silent = (time.monotonic(), Obstacle("WorkerSilent", cut(sentence, 300)))

    def _workers(self) -> list[Any]:
        return list(self._scheduler.workers.values())

    def _found(self, now: float) -> Obstacle | None:
        wait = None
        for task in itertools.islice(self._scheduler.unrunnable, _LOOKED_AT):
            found = self._unrunnable(task)
            if found and found.reason == "ResourcesMissing":
                return found  # no waiting helps
            wait = wait or found
        if wait:
            return wait
        if not self._scheduler.workers and getattr(self._scheduler, "queued", None):
            return Obstacle("WorkersMissing", "Tasks wait, and no worker is registered.")
        paused = [each for each in self._workers() if each.status == Status.paused]
        if paused:
            limit = (paused[0].memory_limit or 0) / 2**30
            return Obstacle(
                "WorkersPaused",
                f"Workers are paused since their memory is full ({paused[0].name}, {limit:.1f} GiB):"
                " give them more memory, or the work to more workers, or let tasks hold less.",
            )
        if self._silent and now - self._silent[0] < SILENCE_SAID:
            return self._silent[1]
        return None

    def _unrunnable(self, task: Any) -> Obstacle | None:
        what = f"Tasks of {cut(str(task.prefix.name), 80)}"
        needs = task.resource_restrictions or {}
        if needs:
            return self._wanting(what, needs)
        if (task.worker_restrictions or task.host_restrictions) and not task.loose_restrictions:
            where = ", ".join(
                sorted([*(task.worker_restrictions or ()), *(task.host_restrictions or ())])[:3]
            )
            return Obstacle(
                "WorkersMissing",
                f"{what} may run on {cut(where, 120)} only, which is not there;"
                " correct `workers=` in the flow.",
            )
        if not self._scheduler.workers:
            return Obstacle("WorkersMissing", f"{what} wait, and no worker is registered.")
        return None

    def _wanting(self, what: str, needs: dict[str, float]) -> Obstacle | None:
        asks = cut(_amounts(needs), 80)
        able = [name for name, group in self._groups.items() if _covers(group.resources, needs)]
        able += [str(each.name) for each in self._workers() if _covers(each.resources, needs)]
        if able:
            return Obstacle("WorkersMissing", f"{what} wait for a worker of {able[0]}, which has {asks}.")
        offers = [f"{name}: {_amounts(group.resources)}" for name, group in self._groups.items()]
        return Obstacle(
            "ResourcesMissing",
            f"{what} ask for {asks}, which no worker offers ({cut('; '.join(offers), 120)}):"
            " correct `resources=` in the flow, or daskResources of a group.",
        )


def _covers(has: dict[str, float], needs: dict[str, float]) -> bool:
    return all(has.get(name, 0) >= amount for name, amount in needs.items())


def _amounts(resources: dict[str, float]) -> str:
    return ", ".join(f"{name}={amount:g}" for name, amount in sorted(resources.items())) or "none"
