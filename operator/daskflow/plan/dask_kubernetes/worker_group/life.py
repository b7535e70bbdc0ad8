"""The life of a DaskWorkerGroup of dask-kubernetes: one plan of several parts."""

from datetime import datetime

from pydantic import ValidationError

from daskflow.api.dask_kubernetes.cluster import Worker
from daskflow.api.dask_kubernetes.worker_group import DaskWorkerGroupSpec, spec_of, status_of
from daskflow.api.invalid_spec import sentence
from daskflow.api.reasons import Reason
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.moving import unmarked
from daskflow.plan.dask_kubernetes.owner import adopted, alone, collected
from daskflow.plan.dask_kubernetes.words import Words
from daskflow.plan.dask_kubernetes.worker_group.status import refused, report
from daskflow.plan.dask_kubernetes.worker_group.view import GroupView
from daskflow.plan.dask_kubernetes.worker_group.workers import replenished, shrunk
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Object, Observed, Plan

_NOTHING = DaskWorkerGroupSpec(cluster="", worker=Worker(replicas=0, spec={}))
"""Stands in for a spec that cannot be read, so that its status can be written."""


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this DaskWorkerGroup."""
    marks = unmarked(resource)
    if deleting(resource):
        return marks
    try:
        spec = spec_of(resource)
    except ValidationError as error:
        view = GroupView(resource, _NOTHING, status_of(resource), seen, now, settings)
        return marks + refused(view, Words(Reason.SPEC_INVALID, sentence(error)))
    view = GroupView(resource, spec, status_of(resource), seen, now, settings)
    if seen.reference is None:
        if collected(resource, spec.cluster):
            return marks
        message = f"The DaskCluster {spec.cluster} (spec.cluster) does not exist; its workers wait for it."
        return marks + refused(view, Words(Reason.CLUSTER_MISSING, message))
    if deleting(seen.reference):
        return marks
    said = seen.reference.get("status") or {}
    if said.get("phase") == "Error":
        why = str(said.get("message")).rstrip(".")
        message = (
            f"The DaskCluster {spec.cluster} cannot be served as it is ({why}); no workers are made until it"
            " is corrected."
        )
        return marks + refused(view, Words(Reason.CLUSTER_NOT_READY, message)) + shrunk(view)
    mine = marks + adopted(resource, seen.reference)
    if alone(mine, seen):
        return mine
    return mine + report(view) + replenished(view) + shrunk(view)
