"""What published clients read of a DaskCluster of dask-kubernetes, and beside it what people are told.

Clients wait for Running, which says that the Service is there and nothing of the scheduler: with a slow image
they would else give up, and delete the cluster.
"""

from datetime import datetime
from itertools import chain

from daskflow.api.dask_kubernetes.cluster import SchedulerRecord, status_of
from daskflow.api.dask_kubernetes.names import ClusterPhase
from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.cluster.making import ended
from daskflow.plan.dask_kubernetes.cluster.reach import look_at, out_of_reach, unaddressed
from daskflow.plan.dask_kubernetes.cluster.view import ClusterView
from daskflow.plan.dask_kubernetes.connections import injection_of, recorded
from daskflow.plan.dask_kubernetes.words import WELL, Words, conditions, in_the_way, told
from daskflow.plan.model import Object, Plan
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.obstacles import next_look


def report(view: ClusterView) -> Plan:
    """The status as it should be; an empty plan, but for when to look again, if it is so."""
    pod, old = view.scheduler, view.status.scheduler
    record = old
    if pod is not None and pod.uid != old.uid:
        record = SchedulerRecord(uid=pod.uid, made=old.made + 1)
    plan = written(
        view.resource,
        view.now,
        _phase(view.service),
        _words(view),
        ready=pod is not None and pod.ready and view.service is not None,
        scheduler=record,
        replicas=_replicas(view.group),
        injected=recorded(injection_of(view.resource, view.settings)),
    )
    pods = () if pod is None else (pod,)
    wake_ups = (next_look(pods, view.now), next_late(pods, view.now), look_at(view.service, view.now))
    return plan + Plan(requeue_at=min((at for at in wake_ups if at is not None), default=None))


def refused(resource: Object, now: datetime, message: str) -> Plan:
    """Phase Error, of what cannot be served as it is; it goes on when it is corrected."""
    return written(resource, now, "Error", Words(Reason.SPEC_INVALID, message), ready=False)


def written(
    resource: Object, now: datetime, phase: ClusterPhase, words: Words, *, ready: bool, **changes: object
) -> Plan:
    """The status with its Event, as a plan; an empty one if it says so already."""
    old = status_of(resource)
    generation = int(resource["metadata"].get("generation", 0))
    said = conditions(
        old.conditions, words, now, generation=generation, ready=ready, stalled=phase == "Error"
    )
    values = {
        "phase": phase,
        "reason": words.reason.shown,
        "message": words.message,
        "observed_generation": generation,
        "conditions": said,
        **changes,
    }
    new = old.model_copy(update=values)
    return Plan() if new == old else Plan(status=new.dump(), events=told(old.reason, words))


def _phase(service: Object | None) -> ClusterPhase:
    if service is None:
        return "Pending"
    return "Pending" if unaddressed(service) else "Running"


def _words(view: ClusterView) -> Words:
    pod = view.scheduler
    if pod is not None and pod.ended and not pod.deleting:
        return Words(Reason.SCHEDULER_LOST, f"{ended(pod)}; another one is made.")
    if pod is not None and late((pod,), view.now):
        return Words(Reason.NODE_UNREACHABLE, sentence(pod))
    in_way = in_the_way(view.seen, () if pod is None else (pod,), view.now)
    return next(chain(in_way, out_of_reach(view.service, pod, view.now)), WELL)


def _replicas(group: Object | None) -> int:
    said = ((group or {}).get("status") or {}).get("replicas")
    return said if isinstance(said, int) else 0
