"""A DaskCluster's children that somebody has edited by hand are made what they were."""

from dataclasses import replace

from daskflow.api.conditions import instant
from daskflow.api.names import (
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_GROUP,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
    SCHEDULER,
    WORKER,
)
from daskflow.manifests.cluster import secret, service
from daskflow.manifests.common_pod import NOT_SAFE_TO_EVICT
from daskflow.manifests.network_policy import network_policy
from daskflow.plan import mending
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Plan
from daskflow.plan.pod.mounted_secret import made_again
from daskflow.plan.pod.pod import Pod
from daskflow.plan.units import SETTLE


def _handed_over(view: ClusterView) -> bool:
    """Whether a run has just claimed the cluster: pods and policy are to say so, and nobody edited them."""
    above = view.resource["metadata"].get("labels") or {}
    if view.spec.standby is None or LABEL_RUN not in above:
        return False
    pods = (*view.schedulers, *view.workers)
    return any(LABEL_RUN not in (pod.raw["metadata"].get("labels") or {}) for pod in pods)


def _unsettled(view: ClusterView) -> Plan | None:
    """While the claim is so new that nobody looks for the pods by the run's label; then it is time.

    A run that has yet to write the claim down wakes its cluster when it does.
    """
    if view.seen.owner is not None and view.just_claimed:
        return Plan()
    if view.opened_at is None:
        return None
    due = instant(view.opened_at) + SETTLE
    return Plan(requeue_at=due) if view.now < due else None


def _quietly(found: Plan) -> Plan:
    """Without its Events; autoscalers are to leave the scheduler alone from now on."""
    patches = []
    for each in found.patches:
        body = each.body
        if each.key.name.endswith(f"-{SCHEDULER}") and "metadata" in body:
            body = {**body, "metadata": {**body["metadata"], "annotations": NOT_SAFE_TO_EVICT}}
        patches.append(replace(each, event=None, body=body))
    return found.but(patches=tuple(patches))


def mended(view: ClusterView) -> Plan:
    """Whatever of the children is not as it was made; the Secret, which nobody reads, where pods lack it."""
    waiting: tuple[Pod, ...] = () if view.runner is None else (view.runner,)
    pods = (*view.schedulers, *view.workers, *waiting)
    handed_over = _handed_over(view)
    plan = _unsettled(view) if handed_over else None
    if plan is None:
        plan = _quietly(_as_made(view)) if handed_over else _as_made(view)
    return plan + _mounted_secret(view, pods)


def _as_made(view: ClusterView) -> Plan:
    plan, tls = Plan(), view.spec.security.tls.encrypted
    policy = network_policy(view.resource, view.spec.security.network_policy, view.base, view.settings)
    ours = {"Service": service(view.resource, view.base, tls=tls), "NetworkPolicy": policy}
    for child in view.seen.children:
        wanted = ours.get(child["kind"])
        if wanted is not None and wanted["metadata"]["name"] == child["metadata"]["name"]:
            plan += mending.mended(child, view.resource, wanted["metadata"]["labels"], wanted["spec"])
    above = view.resource["metadata"].get("labels") or {}
    of_run = {name: above[name] for name in (LABEL_RUN, LABEL_ATTEMPT) if name in above}
    # The runner that waited is the run's to see to, once it has claimed the cluster.
    waiting = () if view.runner is None or LABEL_RUN in above else (view.runner,)
    for pod in (*view.schedulers, *view.workers, *waiting):
        labels = {LABEL_CLUSTER: view.base, LABEL_COMPONENT: pod.component, **of_run}
        if pod.component == WORKER:
            labels[LABEL_GROUP] = pod.group(view.base)
        plan += mending.mended(pod.raw, view.resource, {LABEL_MANAGED_BY: MANAGED_BY, **labels})
    return plan


def _mounted_secret(view: ClusterView, pods: tuple[Pod, ...]) -> Plan:
    name = view.secret_name
    return made_again(
        pods,
        view.key("Secret", name),
        lambda: secret(view.resource, view.spec, view.base, name, view.settings),
        view.seen,
        view.now,
    )
