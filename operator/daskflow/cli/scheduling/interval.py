"""From two times as people type them to the ticks between: pure."""

import re
from datetime import datetime, timedelta, timezone

from daskflow.api.conditions import instant
from daskflow.calendar.timetable import ticks
from daskflow.calendar.wall_clock import first
from daskflow.cli.scheduling.known import SECOND, Schedule
from daskflow.client.errors import WrongUse

MOST = 10_000
"""Ticks of one backfill."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def ticks_between(schedule: Schedule, begin: str, end: str, now: datetime) -> list[datetime]:
    """Those from `begin` to `end`, both included, that have been; oldest first. Raises WrongUse.

    A date is the whole day. Without an offset a time is one of the schedule's zone.
    """
    start, until = _moment(schedule, begin, "FROM"), _moment(schedule, end, "TO")
    if until < start:
        raise WrongUse(f"TO {end} is before FROM {begin}; give the earlier time first")
    found: list[datetime] = []
    for tick in ticks(schedule.timetable, start - SECOND, min(until, now)):
        if len(found) == MOST:
            raise WrongUse(f"there are more than {MOST} ticks from {begin} to {end}; give a shorter time")
        found.append(tick)
    return found


def zone_of(schedule: Schedule, *texts: str) -> str:
    """In which zone such times are read, to follow them; "" where each says so itself."""
    if all(instant(text.strip()).tzinfo for text in texts):
        return ""
    return f" ({schedule.spec.time_zone or 'UTC'})"


def _moment(schedule: Schedule, text: str, what: str) -> datetime:
    """In UTC and whole seconds; of a date its first second, as TO its last."""
    try:
        at = instant(text.strip())
    except ValueError as error:
        raise WrongUse(
            f"{what} {text!r} is no time; write for example 2026-11-01, 2026-11-01T02:00 or "
            "2026-11-01T02:00:00+01:00"
        ) from error
    at = at.replace(microsecond=0)
    if not 1900 < at.year < 9000:
        raise WrongUse(f"{what} {text!r} is no year that a schedule knows; give one after 1900")
    if at.tzinfo is not None:
        return at.astimezone(timezone.utc)
    if what == "TO" and _DATE.fullmatch(text.strip()):
        return first(at + timedelta(days=1), schedule.zone) - SECOND
    return first(at, schedule.zone)
