"""Autoscaling: what the scheduler's tasks ask for is written down, and then made so like any other wish."""

from dataclasses import replace

from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_state import words
from daskflow.plan.cluster_status import group_statuses, report
from daskflow.plan.groups import Group
from daskflow.plan.model import Plan


def autoscaling(sight: ClusterSight) -> Plan | None:
    """Speaks when the demand that was heard differs from what status says is desired."""
    if sight.told is None or sight.told.lost or sight.status.scheduler is None:
        return None
    wanted = {group.name: _wanted(group, sight.told.demand.get(group.name)) for group in sight.groups}
    if all(wanted[group.name] == group.desired for group in sight.groups):
        return None
    groups = tuple(
        each.model_copy(update={"desired": wanted[each.name]}) for each in group_statuses(sight, whole=True)
    )
    workers = sight.status.workers.model_copy(update={"groups": groups})
    journaled = replace(sight, status=sight.status.model_copy(update={"workers": workers}))
    return report(journaled, *words(journaled), before=sight.status)


def _wanted(group: Group, demand: int | None) -> int:
    if group.spec.autoscale is None or demand is None:
        return group.desired
    return group.within_bounds(max(demand, group.floor))
