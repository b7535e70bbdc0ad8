"""A DaskCluster's children that somebody has edited by hand are made what they were."""

from dataclasses import replace

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


def _handed_over(view: ClusterView) -> bool:
    """Whether a run has just claimed the cluster: pods and policy are to say so, and nobody edited them."""
    above = view.resource["metadata"].get("labels") or {}
    if view.spec.standby is None or LABEL_RUN not in above:
        return False
    pods = (*view.schedulers, *view.workers)
    return any(LABEL_RUN not in (pod.raw["metadata"].get("labels") or {}) for pod in pods)


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
    plan, tls = Plan(), view.spec.security.tls.encrypted
    policy = network_policy(view.resource, view.spec.security.network_policy, view.base, view.settings)
    ours = {"Service": service(view.resource, view.base, tls=tls), "NetworkPolicy": policy}
    for child in view.seen.children:
        wanted = ours.get(child["kind"])
        if wanted is not None and wanted["metadata"]["name"] == child["metadata"]["name"]:
            plan += mending.mended(child, view.resource, wanted["metadata"]["labels"], wanted["spec"])
    above = view.resource["metadata"].get("labels") or {}
    of_run = {name: above[name] for name in (LABEL_RUN, LABEL_ATTEMPT) if name in above}
    waiting: tuple[Pod, ...] = () if view.runner is None else (view.runner,)
    for pod in (*view.schedulers, *view.workers, *waiting):
        labels = {LABEL_CLUSTER: view.base, LABEL_COMPONENT: pod.component, **of_run}
        if pod.component == WORKER:
            labels[LABEL_GROUP] = pod.group(view.base)
        plan += mending.mended(pod.raw, view.resource, {LABEL_MANAGED_BY: MANAGED_BY, **labels})
    if _handed_over(view):
        plan = _quietly(plan)
    name = view.secret_name
    return plan + made_again(
        (*view.schedulers, *view.workers, *waiting),
        view.key("Secret", name),
        lambda: secret(view.resource, view.spec, view.base, name, view.settings),
        view.seen,
        view.now,
    )
