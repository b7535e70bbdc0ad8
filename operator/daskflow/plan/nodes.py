"""Nodes that do not answer: their pods may still be running, so nothing is begun beside them.

Kubernetes marks such pods for deletion after some minutes, or we do, and nobody can finish it. They are gone
once the node is back, or somebody has said that it will not be.
"""

from datetime import datetime

from daskflow.api.reasons import Reason
from daskflow.plan.late import late, next_late, sentence
from daskflow.plan.model import Plan
from daskflow.plan.pods import Pod
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stopping import live_pods


def unreachable(sight: Sight) -> Plan | None:
    """Says so while a pod that decides what comes next is on a node that does not answer."""
    pod = silent(sight)
    if pod is None:
        return None
    return report(sight, sight.status.phase or "Starting", Reason.NODE_UNREACHABLE, sentence(pod))


def silent(sight: Sight) -> Pod | None:
    """The pod that decides what comes next and is late to go."""
    return late(_deciding(sight), sight.now)


def next_overdue(sight: Sight) -> datetime | None:
    """When the next pod that was told to go is late."""
    return next_late(_deciding(sight), sight.now)


def _deciding(sight: Sight) -> tuple[Pod, ...]:
    current = tuple(pod for pod in (sight.runner, sight.scheduler) if pod is not None)
    # Between attempts the next one waits for all of the last.
    return current if sight.attempt is not None else live_pods(sight)
