"""Fewer workers: those that never registered go at once, of the others the scheduler chooses who retires.

It lets them finish, moves their data, and then they end by themselves. Only when it cannot be reached for
longer than that may take do we end workers, who then hand over what they can within their grace period.
"""

from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.quantities import seconds
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.groups import Group
from daskflow.plan.model import GroupOrder, Plan, ScaleOrder
from daskflow.plan.workers import over

MARGIN = timedelta(seconds=30)
"""Beyond the drain timeout: moving data takes time, too."""


def shrink(sight: ClusterSight) -> Plan:
    """Deletes what is too many and either never registered, or has been for too long with nobody to tell."""
    plan = Plan()
    for group in sight.groups:
        plan += Plan(deletes=tuple(pod.deletion() for pod in group.unneeded))
        if sight.told is None or not sight.told.lost or not group.surplus:
            continue
        due = _given_up_at(group)
        if due is not None and sight.now < due:
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


def watches(sight: ClusterSight) -> bool:
    """Whether the scheduler has something to tell that plans rest on: demand, or who is on their way out."""
    if sight.spec.autoscales:
        return True
    return any(group.crowded or len(group.staying) < len(group.present) for group in sight.groups)


def order(sight: ClusterSight) -> ScaleOrder | None:
    """What the scheduler must know; None if it need know nothing. One that once knew hears every change."""
    scheduler, record = sight.scheduler, sight.status.scheduler
    if scheduler is None or record is None or not record.scaled:
        return None
    if not scheduler.started or over(scheduler):
        return None
    version = int(sight.resource["metadata"].get("resourceVersion") or 0)
    groups = {group.name: _group_order(group) for group in sight.groups}
    return ScaleOrder(record.uid, version, groups, watches(sight))


_LONGEST = 10**8
"""Seconds in an order; a scheduler takes no more (`runtime.orders`), and its pods do not live for so long."""


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
