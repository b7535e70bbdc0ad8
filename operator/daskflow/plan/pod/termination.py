"""Telling a pod to end, and seeing to it that it does.

A pod is asked in a way that keeps its message and logs, then deleted if it is still there. That it was asked
is written on the pod itself, in the same write, so that it is known whoever looks next.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from daskflow.api.conditions import instant, timestamp
from daskflow.api.names import ANNOTATION_ENDING
from daskflow.plan.model import Patch, Plan
from daskflow.plan.pod.pod import Pod

LINGER = timedelta(seconds=5)
"""Pods end by themselves within this after the outcome, or their scheduler; those that do not are ended."""
PATIENCE = timedelta(seconds=60)
"""A kubelet that answers has seen the lowered deadline within this, and then ends the pod in its grace."""
_LONGEST_GRACE = 10**8
"""Seconds, three years: what an API server takes beyond that has no place in a date."""


def asks(patch: Patch) -> bool:
    """Whether this is what `end` writes on a pod."""
    return ANNOTATION_ENDING in (patch.body.get("metadata") or {}).get("annotations", {})


def end(pod: Pod, now: datetime) -> Plan:
    """Stops it (SIGTERM, grace); wakes up when it is to be deleted since it has not ended.

    A lowered `activeDeadlineSeconds` counts from the pod's start on a node; one that is on none yet has
    nothing to keep. Nor has one whose volumes are not there, and of that a kubelet would see the deadline
    only when it gives up on them, after two minutes.
    """
    if pod.ended or pod.deleting:
        return Plan()
    if "startTime" not in pod.status or pod.unset:
        return Plan(deletes=(pod.deletion(),))
    asked = _asked_at(pod)
    if not pod.ended_by_us or asked is None or asked > now + PATIENCE:
        body = {
            "metadata": {"annotations": {ANNOTATION_ENDING: timestamp(now)}},
            "spec": {"activeDeadlineSeconds": 1},
        }
        return Plan(patches=(Patch(pod.key, pod.uid, body),))
    due = asked + grace(pod) + PATIENCE
    if now < due:
        return Plan(requeue_at=due)
    # Of what its end would have said nothing may have been heard: then it has ended, and its log is kept.
    return Plan(deletes=(replace(pod.deletion(), revision=pod.raw["metadata"].get("resourceVersion", "")),))


def grace(pod: Pod) -> timedelta:
    """How long its processes have after SIGTERM."""
    return timedelta(seconds=min(pod.raw["spec"].get("terminationGracePeriodSeconds", 30), _LONGEST_GRACE))


def _asked_at(pod: Pod) -> datetime | None:
    """When we asked for its end, where that is written on it."""
    at = (pod.raw["metadata"].get("annotations") or {}).get(ANNOTATION_ENDING)
    try:
        return instant(at).astimezone(UTC) if at else None
    except (ValueError, OverflowError):
        return None
