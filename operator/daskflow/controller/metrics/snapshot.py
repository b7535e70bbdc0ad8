"""What is true at the moment of a scrape: counted then, from store and queue, and not kept up to date."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from typing import Protocol

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, kind_of
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.kinds import CHILDREN, CUSTOM, DASK_KUBERNETES
from daskflow.controller.metrics import pools
from daskflow.controller.metrics.registry import Registry, bounded
from daskflow.plan.model import Object


class Waiting(Protocol):
    """What the queue is to us."""

    @property
    def depth(self) -> int:
        """How many keys wait for a worker."""

    def oldest(self, now: float) -> float:
        """For how many seconds the key has waited that has waited longest."""


@dataclass(frozen=True)
class Sources:
    """What is looked at."""

    store: Store
    queue: Waiting
    leads: Callable[[], bool]
    ahead: Callable[[], float]
    """By how many seconds this machine's clock is ahead of the API server's."""
    polled: list[Sized] = field(default_factory=list)
    """The length of each is how many schedulers it polls."""
    idle: pools.Waiting = field(default_factory=pools.Waiting)


def take(registry: Registry, sources: Sources) -> None:
    """Sets every gauge. Walks over all objects: 10,000 runs take some 10 ms."""
    now = asyncio.get_running_loop().time()
    kinds: Counter[str] = Counter()
    runs: Counter[tuple[str, ...]] = Counter()
    clusters: Counter[tuple[str, ...]] = Counter()
    workers = {"desired": 0, "ready": 0}
    waiting = sources.idle.begin()
    for body in sources.store.all():
        kind = kind_of(body)
        waiting.look(body)
        kinds[kind] += 1
        status: Object = body.get("status") or {}
        if kind == FLOW_RUN:
            runs[_phase(status), bounded(str(status.get("reason") or ""))] += 1
        elif kind == DASK_CLUSTER:
            clusters[(_phase(status),)] += 1
            for state in workers:
                workers[state] += (status.get("workers") or {}).get(state, 0)
    registry.set_all("daskflow_runs", runs.items())
    registry.set_all("daskflow_clusters", clusters.items())
    sources.idle.done(registry, waiting, now, leads=sources.leads())
    registry.set_all("daskflow_cluster_workers", (((state,), count) for state, count in workers.items()))
    shown = (*CUSTOM, *CHILDREN, *filter(kinds.get, DASK_KUBERNETES))
    registry.set_all("daskflow_objects", (((kind,), kinds[kind]) for kind in shown))
    registry.set("daskflow_queue_depth", sources.queue.depth)
    registry.set("daskflow_queue_oldest_seconds", sources.queue.oldest(now))
    registry.set("daskflow_leader", sources.leads())
    registry.set("daskflow_clock_ahead_seconds", sources.ahead())
    registry.set("daskflow_progress_followed", sum(map(len, sources.polled)))


def _phase(status: Object) -> str:
    return status.get("phase") or "None"
