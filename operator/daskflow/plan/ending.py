"""Ending the open attempt because we want to, not because it has ended."""

from typing import Any

from daskflow.api.reasons import Reason
from daskflow.plan.attempts import End, closed
from daskflow.plan.model import Plan
from daskflow.plan.outcome import begun_at
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stop_reason import stop


def end_attempt(sight: Sight, **changes: Any) -> Plan:
    """Asks the runner to end; closes the attempt at once if there is no runner that could have begun.

    The runner ends with an outcome of its own, or as terminated: both are the outcome policy's to read.
    `changes` are further fields of FlowRunStatus.
    """
    wanted = stop(sight)
    assert wanted is not None
    if sight.runner is None and not begun_at(sight):
        return closed(sight, End(wanted.outcome, wanted.reason, wanted.message))
    ending = sight.runner.ending() if sight.runner else Plan()
    grace = f"The flow was asked to end and has {sight.spec.cancel_grace_period}: {wanted.message}"
    phase = sight.status.phase or "Starting"
    return report(sight, phase, Reason.CANCELLING, grace, **changes) + ending
