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
from daskflow.plan import mending
from daskflow.plan.model import Plan
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
    return plan
