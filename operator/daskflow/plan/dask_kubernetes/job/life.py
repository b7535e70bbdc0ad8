"""The life of a DaskJob. Read POLICIES from top to bottom: the first that has something to say decides.

All is decided by what is there, so that what was missed makes no difference: a runner that has ended ends
its job whoever saw it end, and one that was written down and is gone is never made again.
"""

from collections.abc import Callable
from datetime import datetime

from daskflow.api.dask_kubernetes.names import JOB_RUNNER, LABEL_CLUSTER
from daskflow.api.names import LABEL_MANAGED_BY, MANAGED_BY
from daskflow.manifests.dask_kubernetes.metadata import labels_of
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.job.ending import cluster_gone, deletion, outcome, settled, strays
from daskflow.plan.dask_kubernetes.job.making import (
    conflict,
    invalid,
    journal,
    make,
    refused,
    release,
    unfit,
)
from daskflow.plan.dask_kubernetes.job.progress import progress, running
from daskflow.plan.dask_kubernetes.job.view import JobView
from daskflow.plan.dask_kubernetes.moving import unmarked
from daskflow.plan.dask_kubernetes.owner import alone
from daskflow.plan.deletion import deleting
from daskflow.plan.mending import mended
from daskflow.plan.model import Object, Observed, Plan, first_word

Policy = Callable[[JobView], Plan | None]

POLICIES: tuple[Policy, ...] = (
    settled,  # it has ended: its cluster goes, its runner stays
    outcome,  # the runner has ended, or is lost
    deletion,  # somebody's finalizer keeps it
    invalid,  # a spec of which nothing can be made
    conflict,  # a child's name is taken
    refused,  # the API server does not take a child
    make,  # cluster and runner, the runner behind a gate
    journal,  # which pod the runner is, is written down
    release,  # it may start
    running,  # it runs: say so
    unfit,  # its cluster can never be
    cluster_gone,  # somebody deleted its cluster
    progress,  # what is in its way
)


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this DaskJob."""
    view = JobView(resource, seen, now, settings)
    marks = unmarked(resource)
    if alone(marks, seen):
        return marks
    return marks + first_word(POLICIES, view) + strays(view) + _mended(view)


def _mended(view: JobView) -> Plan:
    """Cluster and runner have the labels by which they are found, also those of the published operator."""
    if view.over or deleting(view.resource):
        return Plan()
    plan = Plan()
    ours = {LABEL_MANAGED_BY: MANAGED_BY}
    if view.runner is not None:
        plan += mended(view.runner.raw, view.resource, {**labels_of(view.name, JOB_RUNNER), **ours})
    if view.cluster is not None:
        plan += mended(view.cluster, view.resource, {LABEL_CLUSTER: view.name, **ours})
    return plan
