"""A DaskCluster that was deleted and that somebody's finalizer keeps: its pods end, then it is Stopped."""

from daskflow.api.reasons import Reason
from daskflow.plan.cluster.status import report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Plan
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.termination import end


def deletion(view: ClusterView) -> Plan | None:
    """Speaks from the deletion on; nothing follows, so that no node that does not answer is waited for."""
    if not deleting(view.resource):
        return None
    pods = [pod for pod in (view.scheduler, *view.workers) if pod is not None and not pod.ended]
    lost = late(pods, view.now)
    if not pods or all(late((pod,), view.now) for pod in pods):
        message = "The DaskCluster was deleted." + (f" {sentence(lost)}" if lost else "")
        return report(view, "Stopped", Reason.DELETED, message)
    message = f"The DaskCluster was deleted; {len(pods)} pods are going."
    plan = report(view, "Stopping", Reason.DELETED, message) + Plan(requeue_at=next_late(pods, view.now))
    for pod in pods:
        plan += end(pod, view.now)
    return plan
