"""The life of a DaskCluster of dask-kubernetes: one plan of several parts."""

import re
from datetime import datetime

from pydantic import ValidationError

from daskflow.api.dask_kubernetes.cluster import spec_of, status_of
from daskflow.api.dask_kubernetes.names import MAX_NAME
from daskflow.api.invalid_spec import sentence
from daskflow.manifests.dask_kubernetes.injection import refusal
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.cluster.idle import idle, question
from daskflow.plan.dask_kubernetes.cluster.making import made
from daskflow.plan.dask_kubernetes.cluster.scaling import copied
from daskflow.plan.dask_kubernetes.cluster.status import refused, report
from daskflow.plan.dask_kubernetes.cluster.view import ClusterView
from daskflow.plan.dask_kubernetes.moving import unmarked
from daskflow.plan.dask_kubernetes.owner import alone
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Object, Observed, Plan

_NAME = re.compile(r"[a-z0-9-]+")


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this DaskCluster."""
    marks = unmarked(resource)
    if deleting(resource):
        # What it owns goes with it, whoever keeps it.
        return marks
    try:
        spec = spec_of(resource)
    except ValidationError as error:
        return marks + refused(resource, now, sentence(error))
    name = resource["metadata"]["name"]
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        message = f"metadata.name is {name}: use at most {MAX_NAME} characters of a-z, 0-9 and -."
        return marks + refused(resource, now, message)
    theirs = settings.dask_kubernetes
    fault = refusal(resource, spec.scheduler.service, theirs.injection, theirs.service_types)
    if fault:
        return marks + refused(resource, now, fault)
    view = ClusterView(resource, spec, status_of(resource), seen, now, settings)
    over = idle(view)
    if over.deletes:
        return over
    if alone(marks, seen):
        return marks
    return marks + report(view) + made(view) + copied(view) + over + Plan(question=question(view))
