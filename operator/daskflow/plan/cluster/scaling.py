"""Fewer workers: those that never registered go at once, of the others the scheduler chooses who retires.

It lets them finish, moves their data, and then they end by themselves. Only when it cannot be reached for
longer than that may take do we end workers, who then hand over what they can within their grace period.
"""

from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.quantities import seconds
from daskflow.plan.cluster.groups import Group
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.cluster.workers import over
from daskflow.plan.model import GroupOrder, Plan, ScaleOrder

MARGIN = timedelta(seconds=30)
"""Beyond the drain timeout: moving data takes time, too."""


def shrink(view: ClusterView) -> Plan:
    """Deletes what is too many and either never registered, or has been for too long with nobody to tell."""
    plan = Plan()
    for group in view.groups:
        plan += Plan(deletes=tuple(pod.deletion() for pod in group.unneeded))
        if view.told is None or not view.told.lost or not group.surplus:
            continue
        due = _given_up_at(group)
        if due is not None and view.now < due:
            plan += Plan(requeue_at=due)
        elif due is not None:
            registered = [pod for pod in reversed(group.staying) if pod.started]
            plan += Plan(deletes=tuple(pod.deletion() for pod in registered[: group.surplus]))
    return plan


def _given_up_at(group: Group) -> datetime | None:
    """When the surplus, which status must have told of, should long have retired."""
    if group.said is None or group.said.surplus_since is None:
        return None
    drain = timedelta(seconds=seconds(group.spec.drain_timeout))
    return instant(group.said.surplus_since) + drain + MARGIN


def watches(view: ClusterView) -> bool:
    """Whether the scheduler has something to tell that plans rest on: demand, or who is on their way out."""
    if view.spec.autoscales:
        return True
    return any(group.crowded or len(group.staying) < len(group.present) for group in view.groups)


def order(view: ClusterView) -> ScaleOrder | None:
    """What the scheduler must know; None if it need know nothing. One that once knew hears every change."""
    scheduler, record = view.scheduler, view.status.scheduler
    if scheduler is None or record is None or not record.scaled:
        return None
    if not scheduler.started or over(scheduler):
        return None
    version = int(view.resource["metadata"].get("resourceVersion") or 0)
    groups = {group.name: _group_order(group) for group in view.groups}
    return ScaleOrder(record.uid, version, groups, watches(view))


_LONGEST = 10**8
"""Seconds in an order; schedulers take no more (`runtime.scheduler.orders`), and no pod lives so long."""


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
