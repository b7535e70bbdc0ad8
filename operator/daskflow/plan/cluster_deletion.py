"""A DaskCluster that was deleted and that somebody's finalizer keeps: its pods end, then it is Stopped."""

from daskflow.api.reasons import Reason
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_status import report
from daskflow.plan.deletion import deleting
from daskflow.plan.late import late, next_late, sentence
from daskflow.plan.model import Plan
from daskflow.plan.told import end


def deletion(sight: ClusterSight) -> Plan | None:
    """Speaks from the deletion on; nothing follows, so that no node that does not answer is waited for."""
    if not deleting(sight.resource):
        return None
    pods = [pod for pod in (sight.scheduler, *sight.workers) if pod is not None and not pod.ended]
    lost = late(pods, sight.now)
    if not pods or all(late((pod,), sight.now) for pod in pods):
        message = "The DaskCluster was deleted." + (f" {sentence(lost)}" if lost else "")
        return report(sight, "Stopped", Reason.DELETED, message)
    message = f"The DaskCluster was deleted; {len(pods)} pods are going."
    plan = report(sight, "Stopping", Reason.DELETED, message) + Plan(requeue_at=next_late(pods, sight.now))
    for pod in pods:
        plan += end(pod, sight.now)
    return plan
