"""Workers: as many as wanted.

Dead ones are made again under a new name, later and later if they keep dying. Of those that are too many,
the ones that never registered go at once; of the others the scheduler chooses who retires. It lets them
finish, moves their data, and then they end by themselves. Only when it cannot be reached for longer than
that may take do we end workers, who then hand over what they can within their grace period.
"""

from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.manifests.pods import worker_pod
from daskflow.plan.cluster.groups import Group
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Object, Plan
from daskflow.plan.workers import backoff
from daskflow.plan.workers import trouble as troubles
from daskflow.plan.workers.backoff import forgotten, proof

MARGIN = timedelta(seconds=30)
"""Beyond the drain timeout: moving data takes time, too."""


def replenish(view: ClusterView) -> Plan:
    """Creates missing workers of all groups at once, and forgets those that died long ago."""
    plan = Plan()
    if view.place is None or view.scheduler_going:
        return plan
    for group in view.groups:
        plan += Plan(deletes=tuple(pod.deletion() for pod in forgotten(group)))
        due = backoff.due(group, view.now)
        if not group.missing:
            continue
        plan += (
            Plan(requeue_at=due) if due is not None and view.now < due else Plan(creates=_new(view, group))
        )
    return plan


def _new(view: ClusterView, group: Group) -> tuple[Object, ...]:
    assert view.place is not None
    first = group.last_ordinal + 1
    return tuple(
        worker_pod(view.resource, view.spec, view.place, group.name, first + offset)
        for offset in range(group.missing)
    )


def shrink(view: ClusterView) -> Plan:
    """Deletes what is too many and either never registered, or has been for too long with nobody to tell."""
    plan = Plan()
    for group in view.groups:
        plan += Plan(deletes=tuple(pod.deletion() for pod in group.unneeded))
        if view.scaling is None or not view.scaling.lost or not group.surplus:
            continue
        given_up_at = _given_up_at(group)
        if given_up_at is None:
            continue
        if view.now < given_up_at:
            plan += Plan(requeue_at=given_up_at)
        else:
            registered = [pod for pod in reversed(group.staying) if pod.started]
            plan += Plan(deletes=tuple(pod.deletion() for pod in registered[: group.surplus]))
    return plan


def _given_up_at(group: Group) -> datetime | None:
    """When the surplus, which status must have told of, should long have retired."""
    if group.said is None or group.said.surplus_since is None:
        return None
    drain = timedelta(seconds=seconds(group.spec.drain_timeout))
    return instant(group.said.surplus_since) + drain + MARGIN


def next_proof(view: ClusterView) -> datetime | None:
    """When the next worker will have lived long enough to prove that workers can, if any has died."""
    proofs = (
        proof(pod)
        for group in view.groups
        if trouble(group, view.now)
        for pod in group.present
        if pod.started
    )
    return min((at for at in proofs if at > view.now), default=None)


def trouble(group: Group, now: datetime) -> tuple[Reason, str] | None:
    """Why workers of this group died, until one of those made since has proved that workers can live."""
    field = "spec.workers" if group.name == DEFAULT_GROUP else f"spec.workerGroups[{group.name}]"
    return troubles.trouble(group, now, field)
