"""Start: opens the next attempt in status, then makes all it needs at once.

The attempt's record says which DaskCluster is its own, and that cluster's status which scheduler, before
there is a runner: an attempt whose cluster or scheduler has been and is gone is over. Because a flow begins
only with the scheduler's consent (its lease), making a runner's pod again can never run the flow twice. Where
an attempt has no scheduler of its own, `alone` has another fence.
"""

from datetime import timedelta

from daskflow.api.conditions import instant
from daskflow.api.flow import MAX_FLOW_BYTES
from daskflow.api.reasons import Reason
from daskflow.manifests.cluster import dask_cluster
from daskflow.manifests.pods import flow_bytes, runner_pod
from daskflow.manifests.refused_settings import run_fault
from daskflow.plan.model import Object, Plan
from daskflow.plan.run.alone import next_step
from daskflow.plan.run.claim import first_step, pool_fault
from daskflow.plan.run.cluster_use import in_run
from daskflow.plan.run.deadlines import remaining
from daskflow.plan.run.status import journal, report
from daskflow.plan.run.view import RunView

MARGIN = timedelta(seconds=5)
"""From the end of a lease until its scheduler's end is seen."""


def start(view: RunView) -> Plan | None:
    """Opens an attempt where none is open; makes what the open one lacks."""
    if view.attempt is None:
        return _open(view)
    if view.alone:
        return next_step(view)
    if written := _journal(view):
        return written
    missing = tuple(_missing(view))
    if missing and view.attempt.claimed and view.cluster is not None:
        # The one that waited has been deleted, and its scheduler follows it, at the end of its lease at last.
        due = instant(view.attempt.start_time) + timedelta(seconds=view.settings.lease_seconds) + MARGIN
        if view.now < due:
            return Plan(requeue_at=due)
    return Plan(creates=missing) if missing else None


def _open(view: RunView) -> Plan:
    size = flow_bytes(view.spec)
    if size > MAX_FLOW_BYTES:
        message = (
            f"spec.flow has {size} bytes; at most {MAX_FLOW_BYTES} reach the runner. Put data into storage."
        )
        return report(view, "Failed", Reason.SPEC_INVALID, message)
    if (message := in_run(run_fault(view.spec))) and not pool_fault(view):
        return report(view, "Failed", Reason.SPEC_INVALID, message)
    return first_step(view)


def _missing(view: RunView) -> list[Object]:
    attempt = view.attempt
    assert attempt is not None
    if view.cluster is None:
        return [dask_cluster(view.resource, view.spec, attempt.number, attempt.cluster)]
    place = view.place
    if view.runner is not None or place is None or view.cluster_status.scheduler is None:
        return []
    deadline, name = remaining(view), view.runner_name
    return [runner_pod(view.resource, view.spec, place, attempt.number, view.settings, deadline, name)]


def _journal(view: RunView) -> Plan | None:
    """Which DaskCluster is the attempt's is written down before a runner may use it.

    It is written while that cluster's own children are made, so that nobody waits for it.
    """
    attempt, cluster = view.attempt, view.cluster
    if attempt is None or cluster is None or attempt.cluster_uid is not None:
        return None
    return journal(view, attempts=view.journaled(cluster_uid=cluster["metadata"]["uid"]))
