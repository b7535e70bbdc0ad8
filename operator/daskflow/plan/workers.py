"""Workers: as many as wanted, dead ones made again under a new name, later and later if they keep dying."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from daskflow.manifests.naming import worker_ordinal
from daskflow.manifests.roles import worker_pod
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.model import Object, Plan
from daskflow.plan.pods import Pod

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
"""Stopped worker pods that are kept for their logs."""


def replace(sight: ClusterSight) -> Plan:
    """Creates missing workers, all at once, and removes those that are too many."""
    if sight.place is None or _over(sight.scheduler):
        return Plan()
    dead = [pod for pod in sight.workers if pod.ended]
    live = [pod for pod in sight.workers if not pod.ended]
    staying = [pod for pod in live if not pod.deleting]
    missing = sight.desired - len(staying)
    if missing < 0:
        surplus = sorted(staying, key=lambda pod: worker_ordinal(pod.name))[missing:]
        return Plan(deletes=tuple(pod.deletion() for pod in surplus))
    due = _due(sight, dead)
    if missing > 0 and due is not None and sight.now < due:
        return Plan(requeue_at=due)
    return Plan(creates=_new(sight, missing), deletes=tuple(pod.deletion() for pod in _forgotten(dead)))


def _over(scheduler: Pod | None) -> bool:
    """Whether it was told to go: its workers go with it, and are not made again behind who ends them."""
    if scheduler is None:
        return False
    return scheduler.deleting or scheduler.raw["spec"].get("activeDeadlineSeconds") == 1


def _new(sight: ClusterSight, count: int) -> tuple[Object, ...]:
    assert sight.place is not None
    first = max((worker_ordinal(pod.name) for pod in sight.workers), default=-1) + 1
    return tuple(
        worker_pod(sight.resource, sight.spec, sight.place, first + offset) for offset in range(count)
    )


def _forgotten(dead: Sequence[Pod]) -> Sequence[Pod]:
    """All but the newest; the highest ordinal stays, so that no name is ever used again."""
    by_age = sorted(dead, key=lambda pod: worker_ordinal(pod.name))
    return [pod for pod in by_age[:-KEPT_DEAD] if not pod.deleting]


def _due(sight: ClusterSight, dead: Sequence[Pod]) -> datetime | None:
    """When the next workers may be made, None for at once."""
    ends = [pod.finished_at for pod in dead if pod.finished_at]
    if not ends:
        return None
    left = any(pod.terminated.get("exitCode") == 0 and not pod.deleting for pod in dead)
    doublings: int = 2 ** max(rounds(sight) - 1, 0)
    last: datetime = max(ends)
    return last + min((AFTER_LEAVING if left else FIRST_WAIT) * doublings, LONGEST_WAIT)


def rounds(sight: ClusterSight) -> int:
    """How many whole generations of workers have died young, since the newest that proved it can live."""
    proven = max(
        (worker_ordinal(pod.name) for pod in sight.workers if pod.started and _proof(pod) <= sight.now),
        default=-1,
    )
    young = [
        pod
        for pod in sight.workers
        if pod.finished_at
        and pod.finished_at - pod.created_at < SHORT_LIFE
        and worker_ordinal(pod.name) > proven
    ]
    return math.ceil(len(young) / max(sight.desired, 1))


def next_proof(sight: ClusterSight) -> datetime | None:
    """When the next worker will have lived long enough to prove that workers can."""
    proofs = (_proof(pod) for pod in sight.workers if pod.started)
    return min((at for at in proofs if at > sight.now), default=None)


def _proof(pod: Pod) -> datetime:
    return (pod.ready_at or pod.created_at) + SHORT_LIFE


def failing(sight: ClusterSight) -> str:
    """Why workers do not live, as a sentence; empty as long as they do."""
    dead = [pod for pod in sight.workers if pod.ended]
    if not dead or rounds(sight) < FAILING_ROUNDS:
        return ""
    last = max(dead, key=lambda pod: worker_ordinal(pod.name))
    if last.terminated.get("reason") == "OOMKilled":
        return "Workers need more memory than their limit; raise spec.workers.resources.limits.memory."
    words = last.last_words.rstrip(".") or "no message"
    code = last.terminated.get("exitCode")
    return f"Workers end as soon as they start; {last.name} ended with exit code {code}: {words}."
