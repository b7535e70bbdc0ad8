"""Ending the open attempt because we want to, not because it has ended."""

from typing import Any

from daskflow.api.reasons import Reason
from daskflow.plan.model import Plan
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import end
from daskflow.plan.run.attempts import End, closed
from daskflow.plan.run.status import report
from daskflow.plan.run.stop_reason import stop
from daskflow.plan.run.verdict import begun_at
from daskflow.plan.run.view import RunView


def end_attempt(view: RunView, **changes: Any) -> Plan:
    """Asks the runner to end; closes the attempt at once if there never was one that could have begun.

    The runner ends with an outcome of its own, or as terminated: both are the outcome policy's to read.
    `changes` are further fields of FlowRunStatus.
    """
    wanted = stop(view)
    assert wanted is not None
    pod = view.runner or _witness(view)
    if pod is None and not begun_at(view):
        return closed(view, End(wanted.outcome, wanted.reason, wanted.message))
    ending = end(pod, view.now) if pod else Plan()
    grace = f"The flow was asked to end and has {view.spec.cancel_grace_period}: {wanted.message}"
    phase = view.status.phase or "Starting"
    return report(view, phase, Reason.CANCELLING, grace, **changes) + ending


def _witness(view: RunView) -> Pod | None:
    """The scheduler, if it may have seen a runner that is gone: its last message tells how far it came."""
    scheduler = view.scheduler
    if scheduler is None or scheduler.over or view.cluster_status.scheduler is None:
        return None
    return scheduler
