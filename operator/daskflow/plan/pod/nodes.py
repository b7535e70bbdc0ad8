"""Pods that were told to go and are late: their node does not answer, and they may still be running."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.plan.pod.pod import Pod

OFF_FOR_GOOD = "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
"""The taint by which an administrator tells Kubernetes that nothing runs on a node any more."""
OVERDUE = timedelta(seconds=30)
"""A kubelet that answers has removed a pod within this after its grace period."""


def late(pods: Iterable[Pod | None], now: datetime) -> Pod | None:
    """The first of these that is late."""
    found = ((pod, _late_at(pod)) for pod in pods if pod is not None)
    return next((pod for pod, at in found if at is not None and now >= at), None)


def next_late(pods: Iterable[Pod | None], now: datetime) -> datetime | None:
    """When the next of these is late."""
    times = (_late_at(pod) for pod in pods if pod is not None)
    return min((at for at in times if at is not None and at > now), default=None)


def _late_at(pod: Pod) -> datetime | None:
    """When a pod that was told to go is late. The deletion's timestamp has the grace period in it."""
    at = pod.raw["metadata"].get("deletionTimestamp")
    return instant(at) + OVERDUE if at and not pod.over else None


def sentence(pod: Pod) -> str:
    """What is so, and what helps."""
    node = pod.raw["spec"].get("nodeName", "")
    return (
        f"Node {node} does not answer, so pod {pod.name} may still be running; bring the node back. If it is "
        f"off for good, delete it, taint it with {OFF_FOR_GOOD}, or use `kubectl delete pod {pod.name} "
        "--grace-period=0 --force`: each of these is your word that nothing of it runs any more."
    )
