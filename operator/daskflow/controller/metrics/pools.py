"""Clusters that wait for runs, and what it costs that they do, as a scrape finds them."""

from collections import Counter
from dataclasses import dataclass

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, LABEL_POOL, LABEL_RUN
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.controller.metrics.registry import Registry
from daskflow.plan.model import Object
from daskflow.plan.units import Unit

_LONGEST = 300.0
"""Seconds between two scrapes that are believed: nobody knows what was so in a longer time."""


@dataclass
class Waiting:
    """Looks at each object of one scrape; `done` writes down what it saw, with what the last one had."""

    pods: int = 0
    at: float | None = None

    def begin(self) -> "Seen":
        """A new look at everything."""
        return Seen(Counter(waiting=0, starting=0))

    def done(self, registry: Registry, seen: "Seen", now: float, *, leads: bool) -> None:
        """`now` is the loop's clock. The seconds since the last scrape count for the pods of then."""
        registry.set_all("daskflow_pool_units", (((state,), count) for state, count in seen.units.items()))
        if leads and self.at is not None and (passed := now - self.at) <= _LONGEST:
            registry.count("daskflow_pool_idle_pod_seconds_total", times=self.pods * passed)
        self.pods, self.at = seen.pods, now


@dataclass
class Seen:
    """What one scrape has seen so far."""

    units: Counter[str]
    pods: int = 0

    def look(self, body: Object) -> None:
        """At one object."""
        labels = body["metadata"].get("labels") or {}
        if LABEL_POOL not in labels:
            return
        if body["kind"] == "Pod":
            self.pods += LABEL_RUN not in labels
        elif body["kind"] == DASK_CLUSTER and (controller_of(body) or {}).get("kind") == CLUSTER_POOL:
            unit = Unit(body)
            if not unit.over:
                self.units["waiting" if unit.waits else "starting"] += 1
