"""Nodes that do not answer: their pods may still be running, so nothing is begun beside them.

Kubernetes marks such pods for deletion after some minutes and cannot finish it. They are gone once the node
is back, or somebody has said that it will not be.
"""

from datetime import datetime

from daskflow.api.reasons import Reason
from daskflow.plan.model import Plan
from daskflow.plan.pods import Pod
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stopping import live_pods

OFF_FOR_GOOD = "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
"""The taint by which an administrator tells Kubernetes that nothing runs on a node any more."""


def unreachable(sight: Sight) -> Plan | None:
    """Says so while a pod that decides what comes next is on a node that does not answer."""
    for pod in _deciding(sight):
        at = pod.overdue_at
        if at is not None and sight.now >= at:
            node = pod.raw["spec"].get("nodeName", "")
            message = (
                f"Node {node} does not answer, so pod {pod.name} may still be running; bring the node back, "
                f"delete it, or if it is off for good taint it with {OFF_FOR_GOOD}."
            )
            return report(sight, sight.status.phase or "Starting", Reason.NODE_UNREACHABLE, message)
    return None


def next_overdue(sight: Sight) -> datetime | None:
    """When the next pod that was told to go is late."""
    times = (pod.overdue_at for pod in _deciding(sight))
    return min((at for at in times if at is not None and at > sight.now), default=None)


def _deciding(sight: Sight) -> tuple[Pod, ...]:
    current = tuple(pod for pod in (sight.runner, sight.scheduler) if pod is not None)
    # Between attempts the next one waits for all of the last.
    return current if sight.attempt is not None else live_pods(sight)
