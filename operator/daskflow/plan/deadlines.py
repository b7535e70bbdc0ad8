"""Deadlines: `start` for an attempt's way to the flow's first line, `active` for the whole run.

The active one is also in the runner pod's `activeDeadlineSeconds`, so that it holds without the operator.
"""

from daskflow.api.reasons import Reason
from daskflow.plan.ending import end_attempt
from daskflow.plan.model import Plan
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stop_reason import stop


def deadlines(sight: Sight) -> Plan | None:
    """Ends the attempt, or the run between attempts, whose deadline has passed."""
    wanted = stop(sight)
    if wanted is None or wanted.reason is not Reason.DEADLINE_EXCEEDED:
        return None
    if sight.attempt is not None:
        return end_attempt(sight)
    return report(sight, "Failed", wanted.reason, wanted.message)


def wake_up(sight: Sight) -> Plan:
    """An otherwise empty plan that is made again when the next deadline passes."""
    upcoming = [sight.deadline_active, None if sight.begun else sight.deadline_start]
    return Plan(requeue_at=min((at for at in upcoming if at and at > sight.now), default=None))
