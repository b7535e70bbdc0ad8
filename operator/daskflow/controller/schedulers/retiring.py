"""Which workers of a group go, by what their scheduler says of them, and how they leave without losing work.

Those that have not registered go first, then those that compute least, then those that hold least. A worker
that is told to retire gets no more tasks and hands over what it holds; when it has finished what it computes,
and has handed that over as well, its pod may go. Until then it stays in the scheduler: a container that ends
would be started again in its pod.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from daskflow.controller.schedulers.answers import ControlError
from daskflow.plan.model import Question

log = logging.getLogger(__name__)

DRAIN_SECONDS = 120.0
"""How long a worker may finish what it computes."""
_CALL_SECONDS = 60.0
Workers = Mapping[str, Mapping[str, Any]]
_COMPUTES = ("executing", "long-running")


class Called(Protocol):
    """A connection to a scheduler."""

    async def call(self, op: str, seconds: float = ..., **arguments: Any) -> Any:
        """What its handler of this name answers."""


class Retiring:
    """The workers of one group that are on their way out, by the names of their pods."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, float]] = {}
        """When each was told, by this clock and by its scheduler's."""

    @property
    def unfinished(self) -> frozenset[str]:
        """Those that were told to go, and have no use any more."""
        return frozenset(self._since)

    async def step(self, connection: Called, question: Question, now: Callable[[], float]) -> frozenset[str]:
        """One look; answers those whose pods may go now."""
        pods = question.workers
        self._since = {name: at for name, at in self._since.items() if name in pods}
        known = _by_pod(pods, _workers(await connection.call("identity")))
        going = self._chosen(question, known)
        every = (each for workers in known.values() for each in workers.values())
        heard = max((_number(each.get("last_seen")) for each in every), default=0.0)
        for name in going:
            self._since.setdefault(name, (now(), heard))
        addresses = [address for name in going for address in known[name]]
        if addresses:
            arguments = {"workers": addresses, "close_workers": False, "remove": False}
            try:
                await connection.call("retire_workers", _CALL_SECONDS, **arguments)
            except ControlError as error:
                if any(now() < self._since[name][0] + DRAIN_SECONDS for name in going):
                    raise
                log.info("workers go without having handed over what they hold: %s", error)
            known = _by_pod(pods, _workers(await connection.call("identity")))
        return frozenset(name for name in going if self._done(name, known[name], now()))

    def _chosen(self, question: Question, known: Mapping[str, Workers]) -> list[str]:
        """As many as are too many: those already on their way, and of the others the least busy."""
        others = [name for name in reversed(list(question.workers)) if name not in self._since]
        least_first = sorted(others, key=lambda name: _load(known[name]))
        return [*self._since, *least_first][: max(question.surplus, len(self._since))]

    def _done(self, name: str, workers: Workers, now: float) -> bool:
        """Whether nothing is lost with it, by what it has said since; or it was waited for long enough."""
        told, heard = self._since[name]
        if now >= told + DRAIN_SECONDS:
            return True
        return all(
            _number(each.get("last_seen")) > heard and not _tasks(each, _COMPUTES)
            for each in workers.values()
        )


def _by_pod(pods: Mapping[str, str], known: Workers) -> Mapping[str, Workers]:
    """The workers in each pod: by the name that it was given, or by its address if its command has another.

    With `--nworkers` they are several, under its name with numbers. Both may be thousands.
    """
    named: dict[str, dict[str, Any]] = {}
    hosted: dict[str, dict[str, Any]] = {}
    for address, each in known.items():
        said = str(each.get("name"))
        name = said if said in pods else said.rpartition("-")[0]
        if name in pods:
            named.setdefault(name, {})[address] = each
        hosted.setdefault(str(each.get("host")), {})[address] = each
    return {name: named.get(name) or (hosted.get(ip, {}) if ip else {}) for name, ip in pods.items()}


def _load(workers: Workers) -> tuple[bool, float, float]:
    """Those that have not registered come first, then the idle ones, then those that hold little."""
    tasks = sum(_tasks(each, (*_COMPUTES, "ready", "waiting")) for each in workers.values())
    return (
        bool(workers),
        tasks,
        sum(_number(_metrics(each).get("managed_bytes")) for each in workers.values()),
    )


def _metrics(worker: Mapping[str, Any]) -> Mapping[str, Any]:
    found = worker.get("metrics")
    return found if isinstance(found, Mapping) else {}


def _tasks(worker: Mapping[str, Any], states: tuple[str, ...]) -> float:
    counts = _metrics(worker).get("task_counts")
    return sum(_number(counts.get(state)) for state in states) if isinstance(counts, Mapping) else 0.0


def _workers(identity: Any) -> Workers:
    """By address, as the scheduler has them."""
    if not isinstance(identity, Mapping) or not isinstance(identity.get("workers"), Mapping):
        raise ControlError("an identity without workers")
    found = identity["workers"].items()
    return {str(address): each for address, each in found if isinstance(each, Mapping)}


def _number(said: Any) -> float:
    return float(said) if isinstance(said, int | float) else 0.0
