"""Another number of workers, by hand or by demand: what it rests on is written down, then it is ordered.

The scheduler chooses which workers go (`Plan.scale`); making and ending pods is in `workers`.
"""

from dataclasses import replace

from daskflow.api.quantities import seconds
from daskflow.plan.cluster.groups import Group
from daskflow.plan.cluster.state import words
from daskflow.plan.cluster.status import group_statuses, report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import GroupOrder, Plan, ScaleOrder

_LONGEST = 10**8
"""Seconds in an order: schedulers take no more (runtime/scheduler/worker_groups.py), no pod lives so long."""


def autoscaling(view: ClusterView) -> Plan | None:
    """Speaks when the demand that was heard differs from what status says is desired."""
    if view.scaling is None or view.scaling.lost or view.status.scheduler is None:
        return None
    wanted = {group.name: _wanted(group, view.scaling.demand.get(group.name)) for group in view.groups}
    if all(wanted[group.name] == group.desired for group in view.groups):
        return None
    groups = tuple(
        each.model_copy(update={"desired": wanted[each.name]}) for each in group_statuses(view, whole=True)
    )
    workers = view.status.workers.model_copy(update={"groups": groups})
    journaled = replace(view, status=view.status.model_copy(update={"workers": workers}))
    return report(journaled, *words(journaled), before=view.status)


def _wanted(group: Group, demand: int | None) -> int:
    if group.spec.autoscale is None or demand is None:
        return group.desired
    return group.within_bounds(max(demand, group.floor))


def scaling(view: ClusterView) -> Plan | None:
    """What later steps rest on is written down first.

    That the scheduler is told of numbers; since when workers are too many; the ordinals of those removed.
    """
    record = view.status.scheduler
    if record is None:
        return None
    due = view.watches_scheduler and not record.scaled
    for group, new in zip(view.groups, group_statuses(view, whole=True), strict=True):
        old = group.said
        since = old.surplus_since if old else None
        due |= bool(new.surplus_since and new.surplus_since != since)
        due |= new.ordinal is not None and new.ordinal != (old.ordinal if old else None)
    return report(view, *words(view)) if due else None


def order(view: ClusterView) -> ScaleOrder | None:
    """What the scheduler must know; None if it need know nothing. One that once knew hears every change."""
    scheduler, record = view.scheduler, view.status.scheduler
    if scheduler is None or record is None or not record.scaled:
        return None
    if not scheduler.started or view.scheduler_going:
        return None
    version = int(view.resource["metadata"].get("resourceVersion") or 0)
    groups = {group.name: _group_order(group) for group in view.groups}
    return ScaleOrder(record.uid, version, groups, view.watches_scheduler)


def _group_order(group: Group) -> GroupOrder:
    bounds = group.spec.autoscale
    limits = None
    if bounds is not None:
        limits = (
            bounds.minimum,
            bounds.maximum,
            _span(bounds.scale_down_delay),
            _span(bounds.target_duration),
        )
    return GroupOrder(group.desired, _span(group.spec.drain_timeout), limits)


def _span(duration: str) -> int:
    return min(seconds(duration), _LONGEST)
