"""Quiet hours: no attempt is opened within `spec.quietHours`; one that is open goes on.

The wait counts for no deadline, and is written down as a suspension's time is.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from daskflow.api.conditions import timestamp
from daskflow.api.quiet_hours import DAYS, QuietHours
from daskflow.api.reasons import Reason
from daskflow.plan.model import Event, Plan
from daskflow.plan.run.leftovers import remove_leftovers
from daskflow.plan.run.start import start
from daskflow.plan.run.status import report
from daskflow.plan.run.suspension import time_counted
from daskflow.plan.run.view import RunView
from daskflow.plan.wall_clock import ZoneUnknown, first, shown, time_zone

_DAY = timedelta(days=1)
_FIELD = "spec.quietHours.timeZone"


def quiet_hours(view: RunView) -> Plan | None:
    """Keeps the next attempt from being opened, and says until when."""
    if view.attempt is not None:
        return None
    hours, status = view.spec.quiet_hours, view.status
    try:
        until = ends(hours, view.now) if hours else None
    except ZoneUnknown as error:
        return report(view, "Failed", Reason.TIME_ZONE_UNKNOWN, str(error))
    if hours is None or until is None:
        if status.suspend_time is None:
            return None
        return start(replace(view, status=status.model_copy(update=time_counted(view))))
    message = f"Quiet hours (spec.quietHours): the next attempt begins at {_local(hours, until)}."
    # Before the first attempt no deadline runs that the wait could be taken off.
    since = (status.suspend_time or timestamp(view.now)) if status.start_time else None
    plan = report(view, status.phase or "Pending", Reason.QUIET_HOURS, message, suspend_time=since)
    if status.reason != Reason.QUIET_HOURS and not plan.events:
        plan += Plan(events=(Event("Normal", Reason.QUIET_HOURS.value, message),))
    return remove_leftovers(view) + plan + Plan(requeue_at=until)


def ends(hours: QuietHours, now: datetime) -> datetime | None:
    """When the quiet hours are over in which this moment is; None if it is in none. Raises ZoneUnknown.

    Those of days that follow each other without a pause count as one. They are of one piece, also where
    clocks are changed: from when clocks first show `start`, or a later time, until they first show `end`.
    """
    zone = time_zone(hours.time_zone, _FIELD)
    today = datetime.combine(shown(now, zone), time())
    until = now
    # From yesterday, whose quiet hours may go over midnight, to a day after the longest week of them.
    for day in (today + count * _DAY for count in range(-1, len(DAYS) + 2)):
        if hours.days and DAYS[day.weekday()] not in hours.days:
            continue
        begin, end = _clock(hours.start), _clock(hours.end)
        end += _DAY if end <= begin else timedelta()
        if first(day + begin, zone) <= until < (over := first(day + end, zone)):
            until = over
    return until if until > now else None


def _clock(text: str) -> timedelta:
    hour, minute = text.split(":")
    return timedelta(hours=int(hour), minutes=int(minute))


def _local(hours: QuietHours, at: datetime) -> str:
    text = f"{at.astimezone(time_zone(hours.time_zone, _FIELD)):%Y-%m-%d %H:%M %Z}"
    return text if hours.time_zone == "UTC" else f"{text} ({hours.time_zone})"
