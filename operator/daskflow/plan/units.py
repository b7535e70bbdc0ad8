"""One of the clusters that wait for runs, as pool and runs look at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from daskflow.api.clusterpool import UnitSpec, spec_of
from daskflow.api.conditions import READY, instant
from daskflow.api.daskcluster import TERMINAL_PHASES, DaskClusterStatus, status_of
from daskflow.api.names import ANNOTATION_POOL_HASH, ANNOTATION_POOL_RUNTIME, DASK_CLUSTER
from daskflow.api.reasons import Reason
from daskflow.api.remembered import Remembered
from daskflow.manifests.refused_settings import unit_fault
from daskflow.manifests.settings import Settings
from daskflow.manifests.units import unit_hash
from daskflow.plan.defaults import Given, for_pool
from daskflow.plan.model import Delete, Key, Object

SETTLE = timedelta(seconds=4)
"""After its attempt is opened (whole seconds), pods and policy of a claimed cluster get the run's labels, and
the runner's pod its owner: of many claims at once each has the API server for itself until then."""


START = timedelta(minutes=20)
"""By then a cluster is there, or has given up; see manifests.pods.FIRST_LEASE_SECONDS."""
LAME = timedelta(minutes=2)
"""One that had waited, and does not for so long, is replaced: what heals by itself has healed by then."""


@dataclass(frozen=True)
class Unit:
    """A DaskCluster that waits, or will."""

    raw: Object

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.raw["metadata"]["name"])

    @property
    def uid(self) -> str:
        """Its uid."""
        return str(self.raw["metadata"]["uid"])

    @cached_property
    def ordinal(self) -> int:
        """Its number in the pool; 0 of one whose name has none."""
        return ordinal_of(self.name)

    @property
    def created(self) -> datetime:
        """When it was made."""
        return instant(self.raw["metadata"]["creationTimestamp"])

    @cached_property
    def status(self) -> DaskClusterStatus:
        """What its own plans say of it."""
        return status_of(self.raw)

    @property
    def hash(self) -> str:
        """Of the template that it was made from; none of one whose spec somebody has changed since."""
        changed = int(self.raw["metadata"].get("generation") or 1) > 1
        return "" if changed else self._said(ANNOTATION_POOL_HASH)

    @property
    def runtime(self) -> str:
        """Of the runtime that its pods run."""
        return self._said(ANNOTATION_POOL_RUNTIME)

    def _said(self, annotation: str) -> str:
        return str((self.raw["metadata"].get("annotations") or {}).get(annotation, ""))

    @property
    def deleting(self) -> bool:
        """Whether it is on its way out."""
        return "deletionTimestamp" in self.raw["metadata"]

    @property
    def over(self) -> bool:
        """Whether it has ended and never comes back."""
        return self.status.phase in TERMINAL_PHASES

    @property
    def spent(self) -> bool:
        """Whether it is over, or never comes up since a child's name is taken: another has other names."""
        return self.over or self.status.reason == Reason.NAME_CONFLICT

    @property
    def waited(self) -> bool:
        """Whether it has ever come as far as to wait."""
        return self.status.standby is not None and self.status.standby.waited

    @property
    def ready_changed(self) -> str | None:
        """When it became ready, or was so no more, as its condition says."""
        ready = (each.last_transition_time for each in self.status.conditions if each.type == READY)
        return next(ready, None)

    @property
    def given_up_at(self) -> datetime | None:
        """When its pool does not count on it any more; None of one that waits, or whose obstacle is said and
        may go: no other would come further."""
        if self.waits or self.spent:
            return None
        if self.waited:
            since = self.ready_changed
            return (instant(since) if since else self.created) + LAME
        reason = Reason.of(self.status.reason)
        silent = reason is None or reason.ordinary or reason is Reason.RUNNER_NOT_PARKED
        return self.created + START if silent or self.status.phase == "Degraded" else None

    @property
    def waits(self) -> bool:
        """Whether a run may claim it: its scheduler was talked to, and its runner waits."""
        return self.status.phase == "Ready" and self.parked

    @property
    def starts(self) -> bool:
        """Whether it is well on its way there, and so ahead of one that is started."""
        if self.deleting or self.status.scheduler is None:
            return False
        reason = Reason.of(self.status.reason)
        well = reason is None or reason.ordinary
        return well and self.status.phase in ("", None, "Pending", "Starting")

    @property
    def parked(self) -> bool:
        """Whether its runner has come as far as to wait."""
        return self.status.standby is not None and self.status.standby.parked

    @property
    def deletion(self) -> Delete:
        """Removes it if nobody has claimed or touched it since it was looked at."""
        meta = self.raw["metadata"]
        key = Key(DASK_CLUSTER, meta["namespace"], self.name)
        return Delete(key, self.uid, revision=str(meta["resourceVersion"]))


def ordinal_of(name: str) -> int:
    """The number at the end of a cluster's name; 0 where there is none."""
    last = name.rpartition("-")[2]
    return int(last) if last.isascii() and last.isdecimal() and len(last) <= _LONGEST else 0


_LONGEST = 9
"""Digits, as many as a status may hold."""


def template_of(pool: Object | None) -> Mapping[str, Any]:
    """The spec of a pool's template as it is written; empty without one."""
    spec: Mapping[str, Any] = (pool or {}).get("spec") or {}
    found: Mapping[str, Any] = (spec.get("template") or {}).get("spec") or {}
    return found


_fault = Remembered(lambda spec: unit_fault(UnitSpec.model_validate(spec)), most=16)


def waiting_for(
    pool: Object, units: Iterable[Object], namespace: Object | None, settings: Settings
) -> tuple[Given, tuple[Unit, ...]] | None:
    """What a pool's clusters are made from now, and those of them that are of this template and not over.

    None where its spec, or the defaults of its namespace, cannot be understood.
    """
    try:
        spec = spec_of(pool)
        given = for_pool(template_of(pool), namespace, settings.defaults)
        fault = given.fault or _fault(given.spec)
    except ValidationError:
        return None
    if fault:
        return None
    wanted = unit_hash(spec, given.spec)
    found = (Unit(each) for each in units)
    return given, tuple(unit for unit in found if unit.hash == wanted and not unit.deleting and not unit.over)
