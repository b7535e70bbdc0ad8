"""Nodes that do not answer: their pods may still be running, so nothing is begun beside them.

Kubernetes marks such pods for deletion after some minutes, or we do, and nobody can finish it. They are gone
once the node is back, or somebody has said that it will not be.
"""

from datetime import datetime

from daskflow.api.reasons import Reason
from daskflow.plan.model import Plan
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.pod import Pod
from daskflow.plan.run.leftovers import live_pods
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView


def unreachable(view: RunView) -> Plan | None:
    """Says so while a pod that decides what comes next is on a node that does not answer."""
    pod = silent(view)
    if pod is None:
        return None
    return report(view, view.status.phase or "Starting", Reason.NODE_UNREACHABLE, sentence(pod))


def silent(view: RunView) -> Pod | None:
    """The pod that decides what comes next and is late to go."""
    return late(_deciding(view), view.now)


def next_overdue(view: RunView) -> datetime | None:
    """When the next pod that was told to go is late."""
    return next_late(_deciding(view), view.now)


def _deciding(view: RunView) -> tuple[Pod, ...]:
    current = tuple(pod for pod in (view.runner, view.scheduler) if pod is not None)
    # Between attempts the next one waits for all of the last.
    return current if view.attempt is not None else live_pods(view)
