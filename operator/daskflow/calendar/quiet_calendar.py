"""When quiet hours are over, and in which words: what clocks show where they are heeded."""

from datetime import datetime, time, timedelta

from daskflow.api.quiet_hours import DAYS, QuietHours
from daskflow.calendar.wall_clock import first, shown, time_zone

_DAY = timedelta(days=1)
_FIELD = "spec.quietHours.timeZone"


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


def local(hours: QuietHours, at: datetime) -> str:
    """This moment as clocks show it in the zone of these hours. Raises ZoneUnknown."""
    text = f"{at.astimezone(time_zone(hours.time_zone, _FIELD)):%Y-%m-%d %H:%M %Z}"
    return text if hours.time_zone == "UTC" else f"{text} ({hours.time_zone})"
