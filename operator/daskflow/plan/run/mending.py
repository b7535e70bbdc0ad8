"""A FlowRun's children that somebody has edited by hand are made what they were."""

from daskflow.api.names import (
    LABEL_ATTEMPT,
    LABEL_CLUSTER,
    LABEL_COMPONENT,
    LABEL_MANAGED_BY,
    LABEL_RUN,
    MANAGED_BY,
    RUNNER,
)
from daskflow.manifests import cluster as manifests
from daskflow.manifests.common_pod import mounted_secret
from daskflow.plan import mending
from daskflow.plan.model import Object, Plan
from daskflow.plan.pod.mounted_secret import made_again
from daskflow.plan.run import alone
from daskflow.plan.run.adoption import adopted
from daskflow.plan.run.view import RunView


def mended(view: RunView) -> Plan:
    """Whatever of the open attempt's DaskCluster and runner is not as it was made."""
    if view.attempt is None:
        return Plan()
    labels = {
        LABEL_MANAGED_BY: MANAGED_BY,
        LABEL_RUN: view.name,
        LABEL_ATTEMPT: str(view.attempt.number),
    }
    plan = mending.mended(view.cluster, view.resource, labels) if view.cluster else Plan()
    if view.runner is not None and any(each.uid == view.runner.uid for each in view.runners):
        base = {LABEL_CLUSTER: view.place.base} if view.place else {}
        labels = {**labels, **base, LABEL_COMPONENT: RUNNER}
        plan += mending.mended(view.runner.raw, view.resource, labels)
    return plan + adopted(view) + _mounted_secret(view)


def _mounted_secret(view: RunView) -> Plan:
    """That of the runner's pod: a cluster sees its own pods only, and none of who uses it."""
    runner, place = view.runner, view.place
    name = mounted_secret(runner.raw) if runner is not None else None
    if runner is None or place is None or name is None:
        return Plan()
    cluster, spec = view.cluster or view.reference, view.cluster_spec or view.reference_spec

    def secret() -> Object:
        if cluster is None or spec is None:
            return alone.secret(view, runner, place, name)
        return manifests.secret(cluster, spec, place.base, name, view.settings)

    if (view.alone and view.spec.cluster_ref is None) or spec is not None:
        return made_again((runner,), view.key("Secret", name), secret, view.seen, view.now)
    return Plan()
