"""Progress: how far a healthy attempt is."""

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun_status import ClusterUse
from daskflow.api.reasons import Reason
from daskflow.plan import counts, skew
from daskflow.plan.cluster_use import starting, where
from daskflow.plan.cluster_use import use as cluster_use
from daskflow.plan.deadlines import wake_up
from daskflow.plan.diagnosis import cluster_says, cluster_trouble
from daskflow.plan.model import Plan
from daskflow.plan.settling import SETTLING, settled_at
from daskflow.plan.sight import Sight
from daskflow.plan.status import report


def progress(sight: Sight) -> Plan:
    """Starting until the flow's first line, then Running; with the cluster's state."""
    attempt = sight.attempt
    assert attempt is not None
    use = cluster_use(sight, attempt.number)
    if not sight.begun:
        return _starting(sight, use) + wake_up(sight)
    if attempt.flow_start_time is None:
        ready_at = sight.runner.ready_at if sight.runner else None
        late = use is not None and use.workers_ready < use.workers_desired
        if ready_at and late and sight.now < ready_at + SETTLING:
            # Their probes are a moment behind; waiting for them saves the write that would follow.
            return wake_up(sight) + Plan(requeue_at=ready_at + SETTLING)
        begun = timestamp(ready_at or sight.now)
        open_attempt = attempt.model_copy(update={"flow_start_time": begun})
        message = f"The flow has begun, {where(use)}."
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


def _starting(sight: Sight, use: ClusterUse | None) -> Plan:
    if sight.status.phase == "Starting" and sight.status.reason == "" and not sight.spec_changed:
        return Plan()
    number = sight.attempt.number if sight.attempt else 0
    return report(sight, "Starting", Reason.STARTING, starting(sight, number), cluster=use)


def _running(sight: Sight, use: ClusterUse | None) -> Plan:
    if trouble := cluster_trouble(sight):
        return report(sight, "Running", trouble, cluster_says(sight), cluster=use)
    if found := counts.trouble(sight):
        return report(sight, "Running", *found, cluster=use)
    known = sight.status.phase == "Running" and sight.status.reason == "" and not sight.spec_changed
    # The operator hears of tasks at most every ten seconds, so comparing is enough to write that seldom.
    told = counts.known(sight) == sight.status.progress and not skew.unsaid(sight)
    if known and told and use == sight.status.cluster:
        return Plan()
    at = settled_at(sight.workers, sight.now)
    if known and told and sight.now < at:
        return Plan(requeue_at=at)
    return report(sight, "Running", Reason.RUNNING, f"The flow runs, {where(use)}.", cluster=use)
