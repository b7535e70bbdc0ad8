"""Workers: as many as wanted.

Dead ones are made again under a new name, later and later if they keep dying. Of those that are too many,
the ones that never registered go at once; of the others the scheduler chooses who retires. It lets them
finish, moves their data, and then they end by themselves. Only when it cannot be reached for longer than
that may take do we end workers, who then hand over what they can within their grace period.
"""

import math
from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.workers import DEFAULT_GROUP
from daskflow.manifests.naming import worker_ordinal
from daskflow.manifests.pods import worker_pod
from daskflow.plan.cluster.groups import REMOVED, Group
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Object, Plan
from daskflow.plan.pod.init_containers import failure
from daskflow.plan.pod.pod import Pod

SHORT_LIFE = timedelta(minutes=1)
"""A worker that lived for less counts as one that cannot live."""
FIRST_WAIT = timedelta(seconds=2)
"""Before a dead worker is made again."""
AFTER_LEAVING = timedelta(seconds=10)
"""The same after one that left by itself, as all do when their scheduler ends: that will be seen by then."""
LONGEST_WAIT = timedelta(minutes=1)
FAILING_ROUNDS = 3
"""After so many generations of short-lived workers the cluster says that they are failing."""
KEPT_DEAD = 10
"""Stopped worker pods of a group that are kept for their logs."""
MARGIN = timedelta(seconds=30)
"""Beyond the drain timeout: moving data takes time, too."""


def replenish(view: ClusterView) -> Plan:
    """Creates missing workers of all groups at once, and forgets those that died long ago."""
    plan = Plan()
    if view.place is None or view.scheduler_going:
        return plan
    for group in view.groups:
        plan += Plan(deletes=tuple(pod.deletion() for pod in _forgotten(group)))
        due = _due(group, view.now)
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


def _forgotten(group: Group) -> list[Pod]:
    """All dead but the newest, and those that retired; never the highest ordinal, if only its pod tells it.

    So no name is ever used again, and whatever is still said of a worker that went is said of no other.
    """
    by_age = sorted(group.dead, key=lambda pod: worker_ordinal(pod.name))
    written = -1 if group.said is None or group.said.ordinal is None else group.said.ordinal
    kept = max(written, group.last_ordinal - 1)
    gone = (*by_age[:-KEPT_DEAD], *group.retired)
    return [pod for pod in gone if not pod.deleting and worker_ordinal(pod.name) <= kept]


def _due(group: Group, now: datetime) -> datetime | None:
    """When the next workers may be made, None for at once."""
    ends = [pod.finished_at for pod in group.dead if pod.finished_at]
    if not ends:
        return None
    left = any(
        pod.terminated.get("exitCode") == 0 and not pod.deleting and not _removed(pod) for pod in group.dead
    )
    doublings: int = 2 ** max(_rounds(group, now) - 1, 0)
    last: datetime = max(ends)
    return last + min((AFTER_LEAVING if left else FIRST_WAIT) * doublings, LONGEST_WAIT)


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


def _rounds(group: Group, now: datetime) -> int:
    """How many whole generations of workers have died young, since the newest that proved it can live.

    Counted by ordinals, since of a large generation only the last pods are kept; but each left one dead.
    """
    if not group.dead:
        return 0
    proven = _proven(group, now)
    living = sum(worker_ordinal(pod.name) > proven for pod in group.present)
    generations = math.ceil((group.last_ordinal - proven - living) / max(group.desired, 1))
    return min(generations, len(_young(group, proven)))


def _young(group: Group, proven: int) -> list[Pod]:
    """Those that died after a short life, and since the one that proved that workers can live."""
    return [
        pod
        for pod in group.dead
        if pod.finished_at
        and not _removed(pod)
        and pod.finished_at - pod.created_at < SHORT_LIFE
        and worker_ordinal(pod.name) > proven
    ]


def _removed(pod: Pod) -> bool:
    return (pod.report or {}).get("reason") == REMOVED


def _proven(group: Group, now: datetime) -> int:
    """The ordinal of the newest worker that has lived for long enough; -1 without one."""
    return max(
        (worker_ordinal(pod.name) for pod in group.pods if pod.started and _proof(pod) <= now), default=-1
    )


def next_proof(view: ClusterView) -> datetime | None:
    """When the next worker will have lived long enough to prove that workers can, if any has died."""
    proofs = (
        _proof(pod)
        for group in view.groups
        if trouble(group, view.now)
        for pod in group.present
        if pod.started
    )
    return min((at for at in proofs if at > view.now), default=None)


def _proof(pod: Pod) -> datetime:
    return (pod.ready_at or pod.created_at) + SHORT_LIFE


def failing(group: Group, now: datetime) -> bool:
    """Whether workers of this group do not live."""
    return _rounds(group, now) >= FAILING_ROUNDS


def trouble(group: Group, now: datetime) -> tuple[Reason, str] | None:
    """Why workers of this group died, until one of those made since has proved that workers can live."""
    if not group.dead:
        return None
    proven = _proven(group, now)
    dead = [pod for pod in group.dead if worker_ordinal(pod.name) > proven]
    if not dead:
        return None
    last = max(dead, key=lambda pod: worker_ordinal(pod.name))
    field = "spec.workers" if group.name == DEFAULT_GROUP else f"spec.workerGroups[{group.name}]"
    if last.terminated.get("reason") == "OOMKilled":
        message = f"Workers need more memory than their limit; raise {field}.resources.limits.memory."
        return (Reason.WORKERS_FAILING if failing(group, now) else Reason.OUT_OF_MEMORY), message
    if _removed(last):
        return Reason.WORKER_LOST, (
            f"The scheduler closed {last.name}, as client.restart() does; it is replaced. "
            f"With {field}.nanny: true a worker restarts in its pod."
        )
    if (broken := failure(last)) is not None:
        return (Reason.WORKERS_FAILING if failing(group, now) else Reason.INIT_CONTAINER_FAILED), broken[0]
    words = last.last_words.rstrip(".") or str((last.report or {}).get("reason") or "no message")
    how = f"{last.name} ended with exit code {last.terminated.get('exitCode')}: {words}."
    if last.disrupted:
        return Reason.EVICTED, f"Kubernetes took {last.name} away: {words}; it is replaced."
    if failing(group, now):
        return Reason.WORKERS_FAILING, f"Workers end as soon as they start; {how}"
    return Reason.WORKER_LOST, how
