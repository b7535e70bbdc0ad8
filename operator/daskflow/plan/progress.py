"""Progress: how far a healthy attempt is."""

from datetime import timedelta

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun import ClusterUse
from daskflow.api.reasons import Reason
from daskflow.plan import counts, skew
from daskflow.plan.deadlines import wake_up
from daskflow.plan.diagnosis import cluster_trouble
from daskflow.plan.model import Plan
from daskflow.plan.sight import Sight
from daskflow.plan.status import report

SETTLING = timedelta(seconds=2)
"""Counts of workers are written when they have stood still for so long, or with a change of phase."""


def progress(sight: Sight) -> Plan:
    """Starting until the flow's first line, then Running; with the cluster's state."""
    attempt = sight.attempt
    assert attempt is not None
    use = _cluster_use(sight)
    if not sight.begun:
        return _starting(sight, use) + wake_up(sight)
    if attempt.flow_start_time is None:
        ready_at = sight.runner.ready_at if sight.runner else None
        if ready_at and use.workers_ready < use.workers_desired and sight.now < ready_at + SETTLING:
            # Their probes are a moment behind; waiting for them saves the write that would follow.
            return wake_up(sight) + Plan(requeue_at=ready_at + SETTLING)
        begun = timestamp(ready_at or sight.now)
        open_attempt = attempt.model_copy(update={"flow_start_time": begun})
        message = f"The flow has begun, on {use.workers_ready} of {use.workers_desired} workers."
        plan = report(
            sight,
            "Running",
            Reason.RUNNING,
            message,
            cluster=use,
            flow_start_time=begun,
            attempts=(*sight.status.attempts[:-1], open_attempt),
        )
        return plan + wake_up(sight)
    return _running(sight, use) + wake_up(sight)


def _starting(sight: Sight, use: ClusterUse) -> Plan:
    if sight.status.phase == "Starting" and sight.status.reason == "" and not sight.spec_changed:
        return Plan()
    number = sight.attempt.number if sight.attempt else 0
    message = f"Attempt {number}: starting scheduler, {use.workers_desired} workers and runner."
    return report(sight, "Starting", Reason.STARTING, message, cluster=use)


def _running(sight: Sight, use: ClusterUse) -> Plan:
    if trouble := cluster_trouble(sight):
        return report(sight, "Running", trouble, sight.cluster_status.message, cluster=use)
    known = sight.status.phase == "Running" and sight.status.reason == "" and not sight.spec_changed
    # The operator hears of tasks at most every ten seconds, so comparing is enough to write that seldom.
    told = counts.known(sight) == sight.status.progress and not skew.unsaid(sight)
    if known and told and use == sight.status.cluster:
        return Plan()
    settled_at = max((pod.ready_at for pod in sight.workers if pod.ready_at), default=sight.now) + SETTLING
    if known and told and sight.now < settled_at:
        return Plan(requeue_at=settled_at)
    message = f"The flow runs, on {use.workers_ready} of {use.workers_desired} workers."
    return report(sight, "Running", Reason.RUNNING, message, cluster=use)


def _cluster_use(sight: Sight) -> ClusterUse:
    ready = sum(pod.started and not pod.deleting for pod in sight.workers)
    desired = sight.spec.cluster.workers.replicas
    return ClusterUse(
        name=sight.attempt.cluster if sight.attempt else "",
        address=sight.place.address if sight.place else None,
        workers_ready=ready,
        workers_desired=desired,
        workers=f"{ready}/{desired}",
    )
