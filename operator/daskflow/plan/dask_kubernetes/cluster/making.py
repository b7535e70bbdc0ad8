"""What a DaskCluster of dask-kubernetes consists of, made where it is missing, all at once.

Nothing of it waits for anything else: workers try again until their scheduler answers.
"""

from collections.abc import Iterator
from datetime import timedelta

from daskflow.api.dask_kubernetes.names import scheduler_name
from daskflow.api.reasons import Reason
from daskflow.manifests.dask_kubernetes.metadata import labels_of
from daskflow.manifests.dask_kubernetes.network_policy import network_policy
from daskflow.manifests.dask_kubernetes.objects import own_group, service
from daskflow.manifests.dask_kubernetes.pods import scheduler_pod
from daskflow.manifests.dask_kubernetes.secret import secret
from daskflow.manifests.objects import MANAGED
from daskflow.plan.dask_kubernetes.cluster.view import ClusterView
from daskflow.plan.dask_kubernetes.connections import injection_of
from daskflow.plan.dask_kubernetes.pod import TheirPod
from daskflow.plan.dask_kubernetes.words import free
from daskflow.plan.mending import mended
from daskflow.plan.model import AGAIN, Event, Object, Plan

SHORT_LIFE = timedelta(minutes=1)
WAIT = timedelta(seconds=10)
"""Before a scheduler is made again whose pod has ended within a minute: it may well end again. Doubled with
each that was made."""
LONGEST_WAIT = timedelta(minutes=5)
_AGAIN = "workers and clients connect to the next one by the same address; its tasks and results are lost."


def made(view: ClusterView) -> Plan:
    """Creates what is missing, clears away a scheduler that has ended, and puts back labels and owners."""
    plan = Plan(creates=free(_missing(view), view.seen)) + _ended(view)
    if view.scheduler is None and view.status.scheduler.uid and plan.creates:
        message = f"Pod {scheduler_name(view.name)} is gone and is made again: {_AGAIN}"
        plan += Plan(events=(Event("Warning", Reason.SCHEDULER_LOST.value, message),))
    if view.seen.occupied:
        plan += Plan(requeue_at=view.now + AGAIN)
    labels = {**MANAGED, **labels_of(view.name, "scheduler")}
    for child in (view.service, view.scheduler.raw if view.scheduler else None):
        if child is not None and child["kind"] != "Deployment":
            plan += mended(child, view.resource, labels)
    return plan


def _missing(view: ClusterView) -> Iterator[Object]:
    if view.service is None:
        yield service(view.resource, view.spec)
    present = {child["kind"] for child in view.seen.children}
    if view.settings.dask_kubernetes.network_policy != "None" and "NetworkPolicy" not in present:
        yield network_policy(view.resource, view.spec, view.settings)
    if view.scheduler is None:
        injection = injection_of(view.resource, view.settings)
        if injection.mounts:
            # Nobody reads it back: made again in vain, where it is there.
            yield secret(view.resource, injection, view.settings)
        yield scheduler_pod(view.resource, view.spec, view.settings, injection)
    if view.group is None:
        yield own_group(view.resource, view.spec)


def _ended(view: ClusterView) -> Plan:
    """One whose pod has ended for good goes, so that its name is free; one that ends at once waits first."""
    pod = view.scheduler
    if pod is None or not pod.ended or pod.deleting:
        return Plan()
    at = pod.finished_at or pod.created_at
    wait = min(WAIT * 2 ** min(max(view.status.scheduler.made - 1, 0), 10), LONGEST_WAIT)
    if at - pod.created_at < SHORT_LIFE and view.now < at + wait:
        return Plan(requeue_at=at + wait)
    event = Event("Warning", Reason.SCHEDULER_LOST.value, f"{ended(pod)}: {_AGAIN}")
    return Plan(deletes=(pod.deletion(),), events=(event,))


def ended(pod: TheirPod) -> str:
    """How it ended."""
    words = pod.last_words.rstrip(".") or str(pod.status.get("reason") or pod.terminated.get("reason") or "")
    code = pod.terminated.get("exitCode")
    how = f" with exit code {code}" if code is not None else ""
    return f"The scheduler's pod {pod.name} has ended{how}" + (f" ({words})" if words else "")
