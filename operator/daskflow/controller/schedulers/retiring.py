"""Which workers of a group go, by what their scheduler says of them, and how they leave without losing work.

Those that have not registered go first, then those that compute least, then those that hold least. A worker
that is told to retire gets no more tasks and hands over what it holds; when it has finished what it computes,
and has handed that over as well, its pod may go. Until then it stays in the scheduler: a container that ends
would be started again in its pod.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from daskflow.controller.schedulers.answers import ControlError
from daskflow.plan.model import Question

log = logging.getLogger(__name__)

DRAIN_SECONDS = 120.0
"""How long a worker may finish what it computes."""
_CALL_SECONDS = 60.0
_COMPUTES = ("executing", "long-running")


class Called(Protocol):
    """A connection to a scheduler."""

    async def call(self, op: str, seconds: float = ..., **arguments: Any) -> Any:
        """What its handler of this name answers."""


class Retiring:
    """The workers of one group that are on their way out, by name."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, float]] = {}
        """When each was told, by this clock and by its scheduler's."""

    @property
    def unfinished(self) -> frozenset[str]:
        """Those that were told to go, and have no use any more."""
        return frozenset(self._since)

    async def step(self, connection: Called, question: Question, now: Callable[[], float]) -> frozenset[str]:
        """One look; answers those whose pods may go now."""
        self._since = {name: at for name, at in self._since.items() if name in question.workers}
        known = _workers(await connection.call("identity"))
        going = self._chosen(question, known)
        if not going:
            return frozenset()
        heard = max((_number(each.get("last_seen")) for each in known.values()), default=0.0)
        for name in going:
            self._since.setdefault(name, (now(), heard))
        registered = [name for name in going if name in known]
        if registered:
            arguments = {"names": registered, "close_workers": False, "remove": False}
            try:
                await connection.call("retire_workers", seconds=_CALL_SECONDS, **arguments)
            except ControlError as error:
                if all(now() < self._since[name][0] + DRAIN_SECONDS for name in registered):
                    raise
                log.info("workers go without having handed over what they hold: %s", error)
            known = _workers(await connection.call("identity"))
        return frozenset(name for name in going if self._done(name, known.get(name), now()))

    def _chosen(self, question: Question, known: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """As many as are too many: those already on their way, and of the others the least busy."""
        others = [name for name in reversed(question.workers) if name not in self._since]
        least_first = sorted(others, key=lambda name: _load(known.get(name)))
        return [*self._since, *least_first][: max(question.surplus, len(self._since))]

    def _done(self, name: str, worker: Mapping[str, Any] | None, now: float) -> bool:
        """Whether nothing is lost with it, by what it has said since; or it was waited for long enough."""
        told, heard = self._since[name]
        if worker is None or now >= told + DRAIN_SECONDS:
            return True
        return _number(worker.get("last_seen")) > heard and not _computing(worker)


def _load(worker: Mapping[str, Any] | None) -> tuple[bool, float, float]:
    if worker is None:
        return False, 0.0, 0.0
    metrics = worker.get("metrics")
    held = metrics.get("managed_bytes") if isinstance(metrics, Mapping) else None
    return True, _computing(worker) + _tasks(worker, ("ready", "waiting")), _number(held)


def _computing(worker: Mapping[str, Any]) -> float:
    return _tasks(worker, _COMPUTES)


def _tasks(worker: Mapping[str, Any], states: tuple[str, ...]) -> float:
    metrics = worker.get("metrics")
    counts = metrics.get("task_counts") if isinstance(metrics, Mapping) else None
    return sum(_number(counts.get(state)) for state in states) if isinstance(counts, Mapping) else 0.0


def _workers(identity: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(identity, Mapping) or not isinstance(identity.get("workers"), Mapping):
        raise ControlError("an identity without workers")
    return dict(_named(identity["workers"].values()))


def _named(workers: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for worker in workers:
        if isinstance(worker, Mapping):
            yield str(worker.get("name")), worker


def _number(said: Any) -> float:
    return float(said) if isinstance(said, int | float) else 0.0
