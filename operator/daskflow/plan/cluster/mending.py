"""A DaskCluster's children that somebody has edited by hand are made what they were."""

from daskflow.api.names import (
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_GROUP,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
    WORKER,
)
from daskflow.manifests.cluster import secret, service
from daskflow.manifests.network_policy import network_policy
from daskflow.plan import mending
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Plan
from daskflow.plan.pod.mounted_secret import made_again


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
    for pod in (*view.schedulers, *view.workers):
        labels = {LABEL_CLUSTER: view.base, LABEL_COMPONENT: pod.component, **of_run}
        if pod.component == WORKER:
            labels[LABEL_GROUP] = pod.group(view.base)
        plan += mending.mended(pod.raw, view.resource, {LABEL_MANAGED_BY: MANAGED_BY, **labels})
    name = view.secret_name
    return plan + made_again(
        (*view.schedulers, *view.workers),
        view.key("Secret", name),
        lambda: secret(view.resource, view.spec, view.base, name, view.settings),
        view.seen,
        view.now,
    )
