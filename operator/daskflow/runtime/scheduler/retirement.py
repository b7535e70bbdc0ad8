"""Which workers go when there are more than ordered, and their way out.

A worker retires itself (worker/handover.py) when it is told to, and its process ends: no task is started
twice, and its data is with others before. It goes even when the order is raised again meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Callable

from ..settings import say

_KNOW_SECONDS = 5.0
"""How long the scheduler waits for news of tasks that have ended here; they are on their way already."""


def choose(workers: list[Any], replicas: int) -> list[Any]:
    """Those of the `workers` that are to go, so that `replicas` stay.

    Holders of actors come last, idle ones first, then those with the least to move.
    """
    surplus = max(len(workers) - replicas, 0)
    return sorted(
        workers, key=lambda worker: (bool(worker.actors), len(worker.processing) > 0, worker.nbytes)
    )[:surplus]


class Retirement:
    """Carries out what `choose` says and knows who is on the way."""

    def __init__(self, scheduler: Any, changed: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._changed = changed
        self._going: dict[str, asyncio.Task[None]] = {}
        self.held: dict[str, str] = {}
        """Names of workers that should go and cannot, with what they hold, to be read after "holds"."""

    @property
    def retiring(self) -> list[str]:
        """Names of the workers that are on their way out."""
        workers = self._scheduler.workers
        return sorted(str(workers[address].name) for address in self._going if address in workers)

    def staying(self, group: str) -> list[Any]:
        """Registered workers of a group that are not on their way out."""
        return [
            worker
            for worker in self._scheduler.workers.values()
            if worker.address not in self._going and group_name(worker) == group
        ]

    def keep_to(self, sizes: dict[str, tuple[int, float]]) -> None:
        """Bring each group down to its number of workers; given as (replicas, drain in seconds).

        Ask again while there is anything in `held`.
        """
        chosen = [
            (worker, drain)
            for group, (replicas, drain) in sizes.items()
            for worker in choose(self.staying(group), replicas)
        ]
        held = {}
        before = len(self._going)
        spare = self._takers([worker for worker, _ in chosen])
        # The one with the most to move is the one that stays when nobody else is left to take it.
        for worker, drain in sorted(chosen, key=lambda pair: -pair[0].nbytes):
            if worker.actors:
                count = len(worker.actors)
                held[str(worker.name)] = f"{count} actor{'s' if count > 1 else ''}"
                spare = True
            elif worker.has_what and not spare:
                held[str(worker.name)] = "data that no other worker can take"
                spare = True
            else:
                self._going[worker.address] = asyncio.ensure_future(self._retire(worker, drain))
        if held != self.held or len(self._going) != before:
            self.held = held
            self._changed()

    def gone(self, address: str) -> None:
        """A worker is not registered any more."""
        self._going.pop(address, None)

    def _takers(self, chosen: list[Any]) -> bool:
        """Whether any worker can take data."""
        going = {worker.address for worker in chosen}.union(self._going)
        return any(worker.address not in going for worker in self._scheduler.running)

    async def _retire(self, worker: Any, drain: float) -> None:
        """Tell the worker; it answers only when it stays."""
        say(f"worker {worker.name} retires")
        try:
            what = str(await self._scheduler.rpc(worker.address).daskflow_retire(drain=drain))
        except Exception as error:
            # Usually because it has gone; else it is chosen again with the next look.
            what = f"what it did not hand over ({error!r:.150})"
        if worker.address in self._scheduler.workers:
            say(f"worker {worker.name} stays and holds {what}")
            self.held = {**self.held, str(worker.name): what}
        self._going.pop(worker.address, None)
        self._changed()


def group_name(worker: Any) -> str:
    """The group that a worker has said it belongs to; "" for one that is not the operator's."""
    return str((worker.extra or {}).get("daskflow_group", ""))


async def release_worker(scheduler: Any, address: str, unfinished: Any) -> bool:
    """The last step of a worker's handover, which asks for it; False when the worker's data cannot be moved.

    The message that a task has ended may come by another connection and later than this call: removed now,
    the worker would have that task run again.
    """
    kept = set(unfinished)
    until = time.monotonic() + _KNOW_SECONDS
    while time.monotonic() < until:
        worker = scheduler.workers.get(address)
        if worker is None or all(task.key in kept for task in worker.processing):
            break
        await asyncio.sleep(0.01)
    if address not in scheduler.workers:
        return True
    return bool(await scheduler.retire_workers(workers=[address], close_workers=False, remove=True))
