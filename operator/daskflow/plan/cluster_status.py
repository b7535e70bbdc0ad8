"""Writes a DaskCluster's status: phase, conditions, and an Event where somebody is to be told."""

from collections.abc import Iterable
from typing import Any

from daskflow.api.conditions import READY, RECONCILING, STALLED, Condition, updated
from daskflow.api.daskcluster import DaskClusterStatus, WorkersStatus
from daskflow.api.reasons import Reason
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.model import Event, Plan

_ALARMING = frozenset({"Failed", "Degraded"})


def report(sight: ClusterSight, phase: str, reason: Reason, message: str, **changes: Any) -> Plan:
    """The status with this phase, reason and message, as a plan; an empty plan if it says so already.

    `changes` are further fields of DaskClusterStatus. The cluster of a FlowRun leaves the Events of its
    ordinary life to the run.
    """
    old = sight.status
    values = {
        "phase": phase,
        "reason": "" if reason in (Reason.READY, Reason.STARTING) else reason.value,
        "message": message,
        "observed_generation": sight.generation,
        "address": sight.place.address if sight.place else old.address,
        "secret_name": sight.base if sight.place and sight.place.tls else old.secret_name,
        "workers": WorkersStatus(desired=sight.desired, ready=sight.ready),
        **changes,
    }
    new = old.model_copy(update=values)
    new = new.model_copy(update={"conditions": updated(old.conditions, _conditions(new, reason), sight.now)})
    if new == old:
        return Plan()
    return Plan(status=new.dump(), events=tuple(_events(sight, old, new, reason)))


def _events(
    sight: ClusterSight, old: DaskClusterStatus, new: DaskClusterStatus, reason: Reason
) -> Iterable[Event]:
    if (old.phase, old.reason) == (new.phase, new.reason):
        return
    alarming = new.phase in _ALARMING
    if alarming or (not sight.owned and old.phase != new.phase):
        yield Event("Warning" if alarming else "Normal", reason.value, new.message)


def _conditions(status: DaskClusterStatus, reason: Reason) -> Iterable[Condition]:
    holds = {
        READY: status.phase == "Ready",
        RECONCILING: status.phase in ("Pending", "Starting", "Degraded", "Stopping"),
        STALLED: status.phase == "Failed",
    }
    if status.phase == "Stopped":
        # Neither ready nor on its way to be: without the condition kstatus takes it for current.
        del holds[READY]
    for type_, value in holds.items():
        yield Condition(
            type=type_,
            status="True" if value else "False",
            reason=reason.value,
            message=status.message,
            observed_generation=status.observed_generation,
        )
