"""Suspension of a standalone cluster: nothing of it runs, and on resume it gets a fresh scheduler.

What was begun is ended: a cluster that is resumed while its pods still go waits until they are gone, since
its new scheduler has the old one's name. A run's cluster is never suspended, since the run is.
"""

from daskflow.api.reasons import Reason
from daskflow.api.wording import are, counted
from daskflow.plan.cluster.status import report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.model import Plan
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import LINGER, end


def suspension(view: ClusterView) -> Plan | None:
    """Speaks from the wish to suspend until all is gone, and once more to resume."""
    if view.leased or not (view.spec.suspend or view.status.phase in ("Stopping", "Suspended")):
        return None
    pods = (*view.schedulers, *view.workers)
    if pods:
        message = f"Suspended (spec.suspend); {counted(len(pods), 'pod')} {are(len(pods))} going."
        if not view.spec.suspend:
            message = f"Resumed; starts again when pod {pods[0].name} is gone, and all others."
        going = _end(view) + Plan(requeue_at=next_late(pods, view.now))
        if (pod := late(pods, view.now)) is not None:
            return report(view, "Stopping", Reason.NODE_UNREACHABLE, sentence(pod)) + going
        return report(view, "Stopping", Reason.SUSPENDED, message) + going
    if view.spec.suspend:
        message = "Suspended (spec.suspend); nothing runs."
        return report(view, "Suspended", Reason.SUSPENDED, message, scheduler=None)
    return report(view, "Pending", Reason.ACCEPTED, "Resumed.", scheduler=None)


def _end(view: ClusterView) -> Plan:
    """The scheduler first: its workers leave when it is gone, those that stay behind are ended."""
    scheduler = next(iter(view.schedulers), None)
    if scheduler is None:
        return _removed(view.workers)
    if not scheduler.ended:
        return end(scheduler, view.now)
    due = (scheduler.finished_at or view.now) + LINGER
    if any(not pod.ended for pod in view.workers) and view.now < due:
        return Plan(requeue_at=due)
    # Its stopped pod tells since when its workers may linger, so it goes last.
    return _removed(view.workers or (scheduler,))


def _removed(pods: tuple[Pod, ...]) -> Plan:
    return Plan(deletes=tuple(pod.deletion() for pod in pods if not pod.deleting))
