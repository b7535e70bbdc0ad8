"""Pods that were told to go and are late: their node does not answer, and they may still be running."""

from collections.abc import Iterable
from datetime import datetime

from daskflow.plan.pod.pod import Pod

OFF_FOR_GOOD = "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
"""The taint by which an administrator tells Kubernetes that nothing runs on a node any more."""


def late(pods: Iterable[Pod | None], now: datetime) -> Pod | None:
    """The first of these that is late."""
    found = (pod for pod in pods if pod is not None and pod.overdue_at is not None)
    return next((pod for pod in found if pod.overdue_at and now >= pod.overdue_at), None)


def next_late(pods: Iterable[Pod | None], now: datetime) -> datetime | None:
    """When the next of these is late."""
    times = (pod.overdue_at for pod in pods if pod is not None)
    return min((at for at in times if at is not None and at > now), default=None)


def sentence(pod: Pod) -> str:
    """What is so, and what helps."""
    node = pod.raw["spec"].get("nodeName", "")
    return (
        f"Node {node} does not answer, so pod {pod.name} may still be running; bring the node back. If it is "
        f"off for good, delete it, taint it with {OFF_FOR_GOOD}, or use `kubectl delete pod {pod.name} "
        "--grace-period=0 --force`: each of these is your word that nothing of it runs any more."
    )
