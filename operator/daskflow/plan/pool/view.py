"""What the policies of a ClusterPool look at: the pool, its clusters, and runs that want room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from daskflow.api.clusterpool import ClusterPoolSpec, ClusterPoolStatus
from daskflow.api.conditions import instant
from daskflow.api.names import DASK_CLUSTER
from daskflow.api.quantities import seconds
from daskflow.manifests.refused_settings import unit_fault
from daskflow.manifests.settings import Settings
from daskflow.manifests.units import runtime_hash, unit_hash, unit_name
from daskflow.plan.defaults import NOTHING_GIVEN, Given
from daskflow.plan.model import Object, Observed, Refusal
from daskflow.plan.units import Unit, ordinal_of

_SPREAD = 0.1
"""The part of maxAge by which some are replaced earlier than others: those made at once age at once."""


@dataclass(frozen=True)
class PoolView:
    """Everything a policy may know. Nothing in here changes while the policies are asked."""

    resource: Object
    spec: ClusterPoolSpec
    status: ClusterPoolStatus
    seen: Observed
    now: datetime
    settings: Settings
    given: Given = NOTHING_GIVEN
    """The spec of the template, with its platform's defaults: what the next cluster is made from."""

    @property
    def generation(self) -> int:
        """The generation of the spec."""
        return int(self.resource["metadata"].get("generation", 0))

    @cached_property
    def template_fault(self) -> str:
        """Why nothing can be made from the template; empty where it can."""
        return unit_fault(self.spec.template.spec)

    @cached_property
    def hash(self) -> str:
        """Of the template, as the next cluster is made from it."""
        return unit_hash(self.spec, self.given.spec)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All that are not going yet, in the order in which they were made."""
        found = (Unit(child) for child in self.seen.children if child["kind"] == DASK_CLUSTER)
        return tuple(sorted((unit for unit in found if not unit.deleting), key=lambda unit: unit.ordinal))

    @cached_property
    def over(self) -> tuple[Unit, ...]:
        """Those that have ended, and those that will not wait: a child's name is taken, they do not heal."""
        return tuple(unit for unit in self.units if unit.spent or self._given_up(unit))

    @cached_property
    def idle(self) -> tuple[Unit, ...]:
        """Those that wait, or are on their way there."""
        over = {unit.uid for unit in self.over}
        return tuple(unit for unit in self.units if unit.uid not in over)

    def _given_up(self, unit: Unit) -> bool:
        at = unit.given_up_at
        return at is not None and self.now >= at

    @cached_property
    def stale(self) -> tuple[Unit, ...]:
        """Those of another template, which are never claimed."""
        return tuple(unit for unit in self.idle if unit.hash != self.hash)

    @cached_property
    def fresh(self) -> tuple[Unit, ...]:
        """Those of this template."""
        return tuple(unit for unit in self.idle if unit.hash == self.hash)

    @cached_property
    def old(self) -> tuple[Unit, ...]:
        """Of this template, and to be replaced: by their age, or since a newer runtime is there."""
        current = runtime_hash(self.settings)
        return tuple(unit for unit in self.fresh if unit.runtime != current or self.now >= self.ages_at(unit))

    @cached_property
    def waiting(self) -> tuple[Unit, ...]:
        """Those that a run may claim."""
        return tuple(unit for unit in self.fresh if unit.waits)

    @cached_property
    def starting(self) -> tuple[Unit, ...]:
        """Of this template, and on their way there."""
        return tuple(unit for unit in self.fresh if not unit.waits)

    @property
    def lacking(self) -> int:
        """How many that wait there are too few."""
        return max(0, self.spec.ready - len(self.waiting))

    def ages_at(self, unit: Unit) -> datetime:
        """When it will have waited for long enough."""
        part = int.from_bytes(sha256(unit.uid.encode()).digest()[:4], "big") / 2**32
        return unit.created + self._max_age * (1 - _SPREAD * part)

    @cached_property
    def _max_age(self) -> timedelta:
        return timedelta(seconds=seconds(self.spec.max_age))

    @cached_property
    def next_age(self) -> datetime | None:
        """When the next will have waited for long enough."""
        times = (self.ages_at(unit) for unit in self.fresh)
        return min((at for at in times if at > self.now), default=None)

    @property
    def yielded_at(self) -> datetime | None:
        """When a cluster was last given up for a run; not where that is yet to come: a clock was ahead."""
        return self._past(self.status.yield_time)

    @property
    def last_claimed_at(self) -> datetime | None:
        """When a cluster was last claimed; the same."""
        return self._past(self.status.last_claim_time)

    @property
    def failed_at(self) -> datetime | None:
        """When the last of `failures` was seen; the same."""
        return self._past(self.status.failure_time)

    def _past(self, at: str | None) -> datetime | None:
        found = instant(at) if at else None
        return found if found is not None and found <= self.now else None

    @property
    def last_ordinal(self) -> int:
        """The highest that was ever noted, or stands in a name."""
        return max(self.status.ordinal, *(unit.ordinal for unit in self.units), 0)

    @cached_property
    def claimed(self) -> tuple[int, ...]:
        """Numbers of its clusters that runs have claimed and that still exist."""
        names = (str(body["metadata"]["name"]) for body in self.seen.claimed)
        return tuple(
            sorted(
                number
                for name in names
                if (number := ordinal_of(name)) and unit_name(self.resource, number) == name
            )
        )

    @property
    def beginning(self) -> bool:
        """Whether a run has claimed a cluster and its flow is yet to begin: two starts at once slow both."""
        runs = {run["metadata"]["uid"]: run for run in self.seen.claimants}
        return any(
            _beginning(runs.get(owner["uid"]), body["metadata"]["uid"])
            for body in self.seen.claimed
            for owner in body["metadata"].get("ownerReferences") or ()
            if owner.get("controller")
        )

    @cached_property
    def refusals(self) -> tuple[Refusal, ...]:
        """Clusters that the API server did not take; what their pods were refused is their own affair."""
        return tuple(each for each in self.seen.refusals if each.key.kind == DASK_CLUSTER)


def _beginning(run: Object | None, cluster: str) -> bool:
    """Also where the run has yet to write down that it has this cluster."""
    status: Mapping[str, Any] = (run or {}).get("status") or {}
    attempts: Sequence[Mapping[str, Any]] = status.get("attempts") or ()
    own = next((each for each in attempts if each.get("clusterUid") == cluster), None)
    if own is None:
        return run is not None and not status.get("completionTime")
    return not (own.get("flowStartTime") or own.get("endTime"))
