"""Suspension: nothing of the run exists while it lasts; afterwards a new attempt begins.

Queueing systems create runs suspended and resume them when there is room (Kueue's contract).
"""

from typing import Any

from daskflow.api.conditions import instant, timestamp
from daskflow.api.reasons import Reason
from daskflow.plan.model import Plan
from daskflow.plan.run.deadlines import waited
from daskflow.plan.run.leftovers import remove_leftovers, still_there, unclaimed
from daskflow.plan.run.status import report
from daskflow.plan.run.view import RunView


def suspension(view: RunView) -> Plan | None:
    """Keeps the run from starting another attempt; on resume counts the time."""
    if not view.spec.suspend:
        return _resumed(view)
    since = kept_waiting_since(view)
    message = "Suspended (spec.suspend); nothing runs."
    cleanup = remove_leftovers(view, keep_stopped_runners=False) + unclaimed(view, view.unopened)
    return cleanup + report(view, "Suspended", Reason.SUSPENDED, message, suspend_time=since)


def _resumed(view: RunView) -> Plan | None:
    if view.status.phase != "Suspended" or view.status.suspend_time is None:
        return None
    cleanup = remove_leftovers(view, keep_stopped_runners=False)
    if waiting_for := still_there(view):
        message = f"Resumed; the next attempt starts when {waiting_for}."
        return cleanup + report(view, "Suspended", Reason.WAITING_FOR_EARLIER, message)
    return cleanup + report(view, "Pending", Reason.ACCEPTED, "Resumed.", **time_counted(view))


def kept_waiting_since(view: RunView) -> str:
    """`suspendTime`, or now: also where it is yet to come, since the clock was ahead when it was written."""
    since = view.status.suspend_time
    return since if since and instant(since) <= view.now else timestamp(view.now)


def time_counted(view: RunView) -> dict[str, Any]:
    """The fields of FlowRunStatus by which the time since `suspendTime` counts for no deadline."""
    before = view.status.suspended_seconds or 0
    passed = int(waited(view).total_seconds())
    # Time before the first attempt counts for none, so that it need not be taken off.
    total = before + passed if view.status.start_time else 0
    return {"suspend_time": None, "suspended_seconds": total or None}
