"""Quiet hours: no attempt is opened within `spec.quietHours`; one that is open goes on.

The wait counts for no deadline, and is written down as a suspension's time is.
"""

from dataclasses import replace

from daskflow.api.reasons import Reason
from daskflow.calendar.quiet_calendar import ends, local
from daskflow.calendar.wall_clock import ZoneUnknown
from daskflow.plan.model import Event, Plan
from daskflow.plan.run.leftovers import remove_leftovers, unclaimed
from daskflow.plan.run.start import start
from daskflow.plan.run.status import report
from daskflow.plan.run.suspension import kept_waiting_since, time_counted
from daskflow.plan.run.view import RunView


def quiet_hours(view: RunView) -> Plan | None:
    """Keeps the next attempt from being opened, and says until when."""
    if view.attempt is not None:
        return None
    hours, status = view.spec.quiet_hours, view.status
    try:
        until = ends(hours, view.now) if hours else None
    except ZoneUnknown as error:
        return _waits(view, Reason.TIME_ZONE_UNKNOWN, f"{error} No attempt begins before it is corrected.")
    if hours is None or until is None:
        if status.suspend_time is None:
            return None
        return start(replace(view, status=status.model_copy(update=time_counted(view))))
    message = f"Quiet hours (spec.quietHours): the next attempt begins at {local(hours, until)}."
    return _waits(view, Reason.QUIET_HOURS, message) + Plan(requeue_at=until)


def _waits(view: RunView, reason: Reason, message: str) -> Plan:
    """Another message is another Event: whoever follows those would go by a moment that holds no more."""
    status = view.status
    # Before the first attempt no deadline runs that the wait could be taken off.
    since = kept_waiting_since(view) if status.start_time else None
    plan = report(view, status.phase or "Pending", reason, message, suspend_time=since)
    said = (plan.status or {}).get("message", status.message)
    if said != status.message and not plan.events and reason.event:
        plan += Plan(events=(Event(reason.event, reason.value, said),))
    return remove_leftovers(view) + unclaimed(view, view.unopened) + plan
