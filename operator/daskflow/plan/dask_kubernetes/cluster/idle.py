"""A DaskCluster of dask-kubernetes that computes nothing for `idleTimeout` is deleted, as its users expect.

Dask's clock knows nothing of clients: it runs while they are connected, and while they hold results. Those
that hold results in memory are spared, since deleting them would lose work that was done.
"""

from datetime import timedelta

from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.cluster.view import ClusterView
from daskflow.plan.dask_kubernetes.connections import asked
from daskflow.plan.dask_kubernetes.owner import own_key
from daskflow.plan.model import Delete, Event, Plan, Question

_LONGEST = 10**9
"""Seconds, thirty years: what is beyond that has no place in a date."""


def question(view: ClusterView) -> Question | None:
    """What its scheduler is asked, if it is to be deleted one day."""
    pod = view.scheduler
    if view.spec.idle_timeout <= 0 or pod is None or pod.deleting:
        return None
    return asked(pod, view.service, view.resource, idle=True, idle_seconds=_patience(view))


def idle(view: ClusterView) -> Plan:
    """Deletes it when its time is over; else says when that will be."""
    answer, wish = view.seen.answer, question(view)
    if wish is None or answer is None or answer.scheduler != wish.scheduler or answer.lost:
        return Plan()
    if answer.idle_since is None or answer.holds:
        return Plan()
    at = answer.idle_since + timedelta(seconds=_patience(view))
    if view.now < at:
        return Plan(requeue_at=at)
    meta = view.resource["metadata"]
    message = f"It has computed nothing for {view.spec.idle_timeout} s (spec.idleTimeout): deleted."
    return Plan(
        deletes=(Delete(own_key(view.resource), meta["uid"], revision=meta["resourceVersion"]),),
        events=(Event("Normal", Reason.IDLE_TIMEOUT.value, message),),
    )


def _patience(view: ClusterView) -> int:
    return min(view.spec.idle_timeout, _LONGEST)
