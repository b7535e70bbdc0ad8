"""Ending the open attempt because we want to, not because it has ended."""

from typing import Any

from daskflow.api.reasons import Reason
from daskflow.plan.attempts import End, closed
from daskflow.plan.model import Plan
from daskflow.plan.pods import Pod
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stop_reason import stop
from daskflow.plan.told import end
from daskflow.plan.verdict import begun_at


def end_attempt(sight: Sight, **changes: Any) -> Plan:
    """Asks the runner to end; closes the attempt at once if there never was one that could have begun.

    The runner ends with an outcome of its own, or as terminated: both are the outcome policy's to read.
    `changes` are further fields of FlowRunStatus.
    """
    wanted = stop(sight)
    assert wanted is not None
    pod = sight.runner or _witness(sight)
    if pod is None and not begun_at(sight):
        return closed(sight, End(wanted.outcome, wanted.reason, wanted.message))
    ending = end(pod, sight.now) if pod else Plan()
    grace = f"The flow was asked to end and has {sight.spec.cancel_grace_period}: {wanted.message}"
    phase = sight.status.phase or "Starting"
    return report(sight, phase, Reason.CANCELLING, grace, **changes) + ending


def _witness(sight: Sight) -> Pod | None:
    """The scheduler, if it may have seen a runner that is gone: its last message tells how far it came."""
    scheduler = sight.scheduler
    if scheduler is None or scheduler.over or sight.cluster_status.scheduler is None:
        return None
    return scheduler
