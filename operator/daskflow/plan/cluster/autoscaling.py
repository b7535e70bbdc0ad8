"""Autoscaling: what the scheduler's tasks ask for is written down, and then made so like any other wish."""

from dataclasses import replace

from daskflow.plan.cluster.groups import Group
from daskflow.plan.cluster.state import words
from daskflow.plan.cluster.status import group_statuses, report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Plan


def autoscaling(view: ClusterView) -> Plan | None:
    """Speaks when the demand that was heard differs from what status says is desired."""
    if view.told is None or view.told.lost or view.status.scheduler is None:
        return None
    wanted = {group.name: _wanted(group, view.told.demand.get(group.name)) for group in view.groups}
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
