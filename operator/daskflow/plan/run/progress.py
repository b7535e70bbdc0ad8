"""Progress: how far a healthy attempt is."""

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun_status import ClusterUse
from daskflow.api.reasons import Reason
from daskflow.plan.model import Plan
from daskflow.plan.pod.pods import SETTLING, settled_at
from daskflow.plan.run import skew
from daskflow.plan.run import task_counts as counts
from daskflow.plan.run.cluster_use import starting, where
from daskflow.plan.run.cluster_use import use as cluster_use
from daskflow.plan.run.deadlines import wake_up
from daskflow.plan.run.diagnosis import cluster_says, cluster_trouble
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView


def progress(view: RunView) -> Plan:
    """Starting until the flow's first line, then Running; with the cluster's state."""
    attempt = view.attempt
    assert attempt is not None
    use = cluster_use(view, attempt.number)
    if not view.begun:
        return _starting(view, use) + wake_up(view)
    if attempt.flow_start_time is None:
        ready_at = view.runner.ready_at if view.runner else None
        late = use is not None and use.workers_ready < use.workers_desired
        if ready_at and late and view.now < ready_at + SETTLING:
            # Their probes are a moment behind; waiting for them saves the write that would follow.
            return wake_up(view) + Plan(requeue_at=ready_at + SETTLING)
        # A runner that waits has a condition from before its run.
        begun = max(timestamp(ready_at or view.now), attempt.start_time)
        message = f"The flow has begun, {where(use)}."
        plan = report(
            view,
            "Running",
            Reason.RUNNING,
            message,
            cluster=use,
            flow_start_time=begun,
            attempts=view.journaled(flow_start_time=begun),
        )
        return plan + wake_up(view)
    return _running(view, use) + wake_up(view)


def _starting(view: RunView, use: ClusterUse | None) -> Plan:
    if view.status.phase == "Starting" and view.status.reason == "" and not view.spec_changed:
        return Plan()
    assert view.attempt is not None
    message = starting(view, view.attempt.number, view.attempt.claim)
    return report(view, "Starting", Reason.STARTING, message, cluster=use)


def _running(view: RunView, use: ClusterUse | None) -> Plan:
    if trouble := cluster_trouble(view):
        return report(view, "Running", trouble, cluster_says(view), cluster=use)
    if found := counts.trouble(view):
        return report(view, "Running", *found, cluster=use)
    known = view.status.phase == "Running" and view.status.reason == "" and not view.spec_changed
    # The operator hears of tasks at most every ten seconds, so comparing is enough to write that seldom.
    told = counts.newest(view) == view.status.progress and not skew.unsaid(view)
    if known and told and use == view.status.cluster:
        return Plan()
    at = settled_at(view.workers, view.now)
    if known and told and view.now < at:
        return Plan(requeue_at=at)
    return report(view, "Running", Reason.RUNNING, f"The flow runs, {where(use)}.", cluster=use)
