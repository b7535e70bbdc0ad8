"""Cancellation: SIGTERM to the flow, its grace period, then gone. Latched in status once seen.

The deletion of a run that somebody's finalizer keeps is one, too.
"""

from daskflow.api.reasons import Reason
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Plan
from daskflow.plan.run.ending import end_attempt
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView


def cancellation(view: RunView) -> Plan | None:
    """Ends the open attempt, or the run at once if there is none."""
    deleted = deleting(view.resource)
    if not (view.spec.cancel or view.status.cancel_requested or deleted):
        return None
    if view.attempt is not None:
        return end_attempt(view)
    message = (
        f"{'Deleted' if deleted else 'Cancelled on request (spec.cancel)'} before an attempt was running."
    )
    return report(view, "Cancelled", Reason.CANCELLED, message)
