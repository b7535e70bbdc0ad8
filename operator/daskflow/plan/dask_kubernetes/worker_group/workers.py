"""Workers of a group: as many as wanted, each under a name of its own.

Of those that are too many the ones that do not run yet go at once. Of the others the scheduler, which knows
what they compute and hold, says which go; it hands over what they hold, and then their pods are deleted. Only
one that cannot be reached for long is not waited for.
"""

from dataclasses import replace
from datetime import timedelta

from daskflow.api.dask_kubernetes.names import LABEL_GROUP
from daskflow.manifests.dask_kubernetes.metadata import labels_of
from daskflow.manifests.dask_kubernetes.pods import worker_pod
from daskflow.manifests.objects import MANAGED
from daskflow.plan.dask_kubernetes.connections import injection_of
from daskflow.plan.dask_kubernetes.words import free
from daskflow.plan.dask_kubernetes.worker_group.view import GroupView
from daskflow.plan.mending import mended
from daskflow.plan.model import AGAIN, Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.workers.backoff import due, forgotten

PATIENCE = timedelta(seconds=40)
"""For so long nobody may be there who says which workers go; a scheduler counts as lost after 30 s."""


def replenished(view: GroupView) -> Plan:
    """Missing workers, at once or when they are due, and without those that died long ago."""
    group = view.workers
    plan = Plan(deletes=tuple(pod.deletion() for pod in forgotten(group)))
    labels = {**MANAGED, **labels_of(view.spec.cluster, "worker"), LABEL_GROUP: view.name}
    for pod in group.pods:
        if pod.raw["kind"] == "Deployment":
            continue
        plan += mended(pod.raw, view.resource, labels)
    if view.seen.occupied:
        plan += Plan(requeue_at=view.now + AGAIN)
    at = due(group, view.now)
    if not group.missing or (at is not None and view.now < at):
        return plan + Plan(requeue_at=at if group.missing else None)
    first = group.last_ordinal + 1
    cluster = view.seen.reference
    if cluster is None:
        return plan
    injection = injection_of(cluster, view.settings)
    bodies = (
        worker_pod(view.resource, view.spec, first + number, view.settings, cluster, injection)
        for number in range(group.missing)
    )
    return plan + Plan(creates=free(bodies, view.seen))


def shrunk(view: GroupView) -> Plan:
    """Those that are too many go: what does not run, what has retired, what nobody can be asked about."""
    group = view.workers
    # Deleted for what they were seen not to do: not one that has begun to run meanwhile.
    fresh = (replace(pod.deletion(), revision=_version(pod)) for pod in group.unneeded)
    retired = (pod.deletion() for pod in group.present if pod.name in group.retiring)
    plan = Plan(deletes=(*fresh, *retired))
    if not group.surplus:
        return plan
    if view.question is None or (view.answer is not None and view.answer.lost):
        at = (view.surplus_since or view.now) + PATIENCE
        if view.now < at:
            return plan + Plan(requeue_at=at, question=view.question)
        newest = [pod for pod in reversed(group.staying) if pod.started][: group.surplus]
        return plan + Plan(deletes=tuple(pod.deletion() for pod in newest))
    return plan + Plan(question=view.question)


def _version(pod: Pod) -> str:
    return str(pod.raw["metadata"]["resourceVersion"])
