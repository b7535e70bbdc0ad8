"""Suspension of a standalone cluster: nothing of it runs, and on resume it gets a fresh scheduler.

What was begun is ended: a cluster that is resumed while its pods still go waits until they are gone, since
its new scheduler has the old one's name. A run's cluster is never suspended, since the run is.
"""

from daskflow.api.reasons import Reason
from daskflow.api.words import are, counted
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_status import report
from daskflow.plan.late import late, next_late, sentence
from daskflow.plan.model import Plan
from daskflow.plan.pods import Pod
from daskflow.plan.retention import LINGER
from daskflow.plan.told import end


def suspension(sight: ClusterSight) -> Plan | None:
    """Speaks from the wish to suspend until all is gone, and once more to resume."""
    if sight.owned or not (sight.spec.suspend or sight.status.phase in ("Stopping", "Suspended")):
        return None
    pods = (*sight.schedulers, *sight.workers)
    if pods:
        message = f"Suspended (spec.suspend); {counted(len(pods), 'pod')} {are(len(pods))} going."
        if not sight.spec.suspend:
            message = f"Resumed; starts again when pod {pods[0].name} is gone, and all others."
        going = _end(sight) + Plan(requeue_at=next_late(pods, sight.now))
        if (pod := late(pods, sight.now)) is not None:
            return report(sight, "Stopping", Reason.NODE_UNREACHABLE, sentence(pod)) + going
        return report(sight, "Stopping", Reason.SUSPENDED, message) + going
    if sight.spec.suspend:
        message = "Suspended (spec.suspend); nothing runs."
        return report(sight, "Suspended", Reason.SUSPENDED, message, scheduler=None)
    return report(sight, "Pending", Reason.ACCEPTED, "Resumed.", scheduler=None)


def _end(sight: ClusterSight) -> Plan:
    """The scheduler first: its workers leave when it is gone, those that stay behind are ended."""
    scheduler = next(iter(sight.schedulers), None)
    if scheduler is None:
        return _removed(sight.workers)
    if not scheduler.ended:
        return end(scheduler, sight.now)
    due = (scheduler.finished_at or sight.now) + LINGER
    if any(not pod.ended for pod in sight.workers) and sight.now < due:
        return Plan(requeue_at=due)
    # Its stopped pod tells since when its workers may linger, so it goes last.
    return _removed(sight.workers or (scheduler,))


def _removed(pods: tuple[Pod, ...]) -> Plan:
    return Plan(deletes=tuple(pod.deletion() for pod in pods if not pod.deleting))
