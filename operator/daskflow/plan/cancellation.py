"""Cancellation: SIGTERM to the flow, its grace period, then gone. Latched in status once seen.

The deletion of a run that somebody's finalizer keeps is one, too.
"""

from daskflow.api.reasons import Reason
from daskflow.plan.deletion import deleting
from daskflow.plan.ending import end_attempt
from daskflow.plan.model import Plan
from daskflow.plan.sight import Sight
from daskflow.plan.status import report


def cancellation(sight: Sight) -> Plan | None:
    """Ends the open attempt, or the run at once if there is none."""
    deleted = deleting(sight.resource)
    if not (sight.spec.cancel or sight.status.cancel_requested or deleted):
        return None
    if sight.attempt is not None:
        return end_attempt(sight)
    message = (
        f"{'Deleted' if deleted else 'Cancelled on request (spec.cancel)'} before an attempt was running."
    )
    return report(sight, "Cancelled", Reason.CANCELLED, message)
