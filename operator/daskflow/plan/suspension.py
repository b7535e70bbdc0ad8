"""Suspension: nothing of the run exists while it lasts; afterwards a new attempt begins.

Queueing systems create runs suspended and resume them when there is room (Kueue's contract).
"""

from daskflow.api.conditions import instant, timestamp
from daskflow.api.reasons import Reason
from daskflow.plan.ending import end_attempt
from daskflow.plan.model import Plan
from daskflow.plan.sight import Sight
from daskflow.plan.status import report
from daskflow.plan.stop_reason import suspending
from daskflow.plan.stopping import remove_leftovers, still_there


def suspension(sight: Sight) -> Plan | None:
    """Ends the open attempt and keeps the run from starting another; on resume counts the time."""
    if sight.attempt is not None and (sight.spec.suspend or suspending(sight)):
        # Written down: the flow's end is a suspension's even if the run is resumed before it has come.
        record = sight.attempt.model_copy(update={"reason": Reason.SUSPENDED.value})
        return end_attempt(sight, attempts=(*sight.status.attempts[:-1], record))
    if not sight.spec.suspend:
        return _resumed(sight)
    since = sight.status.suspend_time or timestamp(sight.now)
    message = "Suspended (spec.suspend); nothing runs."
    cleanup = remove_leftovers(sight, keep_stopped_runners=False)
    return cleanup + report(sight, "Suspended", Reason.SUSPENDED, message, suspend_time=since)


def _resumed(sight: Sight) -> Plan | None:
    if sight.status.phase != "Suspended" or sight.status.suspend_time is None:
        return None
    cleanup = remove_leftovers(sight, keep_stopped_runners=False)
    if waiting_for := still_there(sight):
        message = f"Resumed; the next attempt starts when {waiting_for}."
        return cleanup + report(sight, "Suspended", Reason.WAITING_FOR_EARLIER, message)
    before = int((sight.now - instant(sight.status.suspend_time)).total_seconds())
    # Time before the first attempt counts for no deadline, so that it need not be taken off.
    total = (sight.status.suspended_seconds or 0) + before if sight.status.start_time else 0
    return cleanup + report(
        sight,
        "Pending",
        Reason.ACCEPTED,
        "Resumed.",
        suspend_time=None,
        suspended_seconds=total or None,
    )
