"""Writes a DaskCluster's status: phase, conditions, and an Event where somebody is to be told."""

from collections.abc import Iterable
from typing import Any

from daskflow.api.conditions import (
    CERTIFICATE_EXPIRING,
    READY,
    RECONCILING,
    STALLED,
    Condition,
    timestamp,
    updated,
)
from daskflow.api.daskcluster import (
    TERMINAL_PHASES,
    DaskClusterStatus,
    GroupStatus,
    SchedulerStatus,
    WorkersStatus,
)
from daskflow.api.names import LABEL_CLUSTER, LABEL_GROUP
from daskflow.api.reasons import Reason
from daskflow.api.standby import StandbyStatus
from daskflow.api.wording import one_line
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.plan.cluster.certificates import expiry
from daskflow.plan.cluster.groups import Group
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.cluster.workers import trouble
from daskflow.plan.model import Event, Plan


def report(
    view: ClusterView,
    phase: str,
    reason: Reason,
    message: str,
    *,
    before: DaskClusterStatus | None = None,
    **changes: Any,
) -> Plan:
    """The status with this phase, reason and message, as a plan; an empty plan if it says so already.

    `before`: what it says already, where that is not the view's. `changes` are further fields of
    DaskClusterStatus. The cluster of a FlowRun leaves the Events of its ordinary life to the run.
    """
    old = before or view.status
    values = {
        "phase": phase,
        "reason": reason.shown,
        "message": one_line(message),
        "observed_generation": view.generation,
        "address": view.place.address if view.place else old.address,
        "secret_name": _secret_name(view) or old.secret_name,
        "selector": f"{LABEL_CLUSTER}={view.base},{LABEL_GROUP}={DEFAULT_GROUP}",
        "scheduler": _scheduler(view),
        "workers": _workers(view, phase),
        "standby": standby(view, phase),
        **changes,
    }
    new = old.model_copy(update=values)
    conditions = (*_conditions(new, reason), *expiry(view))
    changes = {
        "conditions": updated(old.conditions, conditions, view.now),
        "dashboard": _dashboard(view, new),
    }
    new = new.model_copy(update=changes)
    if new == old:
        return Plan()
    return Plan(status=new.dump(), events=(*_events(view, old, new, reason), *_warnings(old, new)))


def _scheduler(view: ClusterView) -> SchedulerStatus | None:
    """That it is told of numbers from here on is written down before it is told any."""
    record = view.status.scheduler
    if record is None or record.scaled or not view.watches_scheduler:
        return record
    return record.model_copy(update={"scaled": True})


def standby(view: ClusterView, phase: str = "") -> StandbyStatus | None:
    """Whether its runner waits, as its scheduler said last; to an operator that begins that is status.

    In no terminal `phase` it does.
    """
    if view.spec.standby is None:
        return None
    if phase in TERMINAL_PHASES:
        return (view.status.standby or StandbyStatus()).model_copy(update={"parked": False})
    said = view.scaling
    if not view.waits or said is None:
        return view.status.standby or StandbyStatus()
    waiting = said.standby
    before = view.status.standby or StandbyStatus()
    if said.lost or waiting is None:
        return StandbyStatus(waited=before.waited)
    parked = waiting.parked and not waiting.run
    return StandbyStatus(parked=parked, waited=parked or before.waited, note=one_line(waiting.note))


def _dashboard(view: ClusterView, status: DaskClusterStatus) -> str | None:
    if not view.spec.dashboard or status.scheduler is None:
        return None
    namespace = view.resource["metadata"]["namespace"]
    return f"kubectl port-forward --namespace {namespace} pod/{status.scheduler.pod} 8787"


def _workers(view: ClusterView, phase: str) -> WorkersStatus:
    default = view.groups[0]
    groups = group_statuses(view)
    if phase == "Suspended":
        # Nothing is desired, and what was demanded before says nothing of the next scheduler's tasks.
        return WorkersStatus(groups=tuple(each.model_copy(update={"desired": 0}) for each in groups))
    if phase in TERMINAL_PHASES:
        # Without their scheduler they go, whatever their pods say until then.
        groups = tuple(each.model_copy(update={"ready": 0}) for each in groups)
        return WorkersStatus(desired=view.desired, replicas=len(default.present), groups=groups)
    return WorkersStatus(desired=view.desired, ready=view.ready, replicas=len(default.present), groups=groups)


def group_statuses(view: ClusterView, *, whole: bool = False) -> tuple[GroupStatus, ...]:
    """What there is to say of each group; nothing, unless `whole`, of one that is alone and unremarkable."""
    found = tuple(_group_status(view, group) for group in view.groups)
    alone = len(found) == 1 and view.groups[0].spec.autoscale is None
    plain = GroupStatus(name=DEFAULT_GROUP, desired=found[0].desired, ready=found[0].ready)
    return () if alone and not whole and found[0] == plain else found


def _group_status(view: ClusterView, group: Group) -> GroupStatus:
    held = view.scaling.held if view.scaling else {}
    holding = [f"{pod.name} holds {held[pod.name]}" for pod in group.present if pod.name in held]
    reason, message = trouble(group, view.now) or (None, "")
    if reason is None and holding:
        reason, message = Reason.HOLDING_ACTORS, f"{'; '.join(holding[:3])}."
    return GroupStatus(
        name=group.name,
        desired=group.desired,
        ready=group.ready,
        reason=reason.value if reason else "",
        message=message,
        surplus_since=_surplus_since(view, group),
        ordinal=_ordinal(group),
    )


def _surplus_since(view: ClusterView, group: Group) -> str | None:
    """From the moment at which the last change of the wish left too many, until they are gone."""
    if not group.shrinks:
        return None
    if group.said is not None and group.said.surplus_since and group.said.desired == group.desired:
        return group.said.surplus_since
    return timestamp(view.now) if group.surplus else None


def _ordinal(group: Group) -> int | None:
    """The highest that was used, once workers are to be removed: no pod may be left to tell it then."""
    said = group.said.ordinal if group.said else None
    removes = len(group.present) > group.desired or group.retired
    return group.last_ordinal if removes else said


def _warnings(old: DaskClusterStatus, new: DaskClusterStatus) -> Iterable[Event]:
    before = {each.type for each in old.conditions}
    for each in new.conditions:
        if each.type == CERTIFICATE_EXPIRING and each.type not in before:
            yield Event("Warning", each.reason, each.message)


def _secret_name(view: ClusterView) -> str:
    """The Secret with what a client needs to connect; empty where it needs nothing, or nothing is there."""
    if view.place is None or not view.place.tls:
        return ""
    return view.place.certificates or view.place.mounted


def _events(
    view: ClusterView, old: DaskClusterStatus, new: DaskClusterStatus, reason: Reason
) -> Iterable[Event]:
    if (old.phase, old.reason) == (new.phase, new.reason):
        return
    # By phase: the same wait for workers is ordinary at first, and a loss later.
    alarming = new.phase in ("Failed", "Degraded")
    if alarming or (not view.leased and old.phase != new.phase):
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
