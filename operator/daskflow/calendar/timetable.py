"""Timetables: when a cron or an interval fires, in a time zone whose clocks are put forward and back.

Summer time is treated as Debian's cron does. A cron without a wildcard in minute and hour names times of
the day: one in an hour that is skipped fires once, at the end of the gap, and one in an hour that comes
twice fires the first time only. Any other fires whenever clocks show a time that it matches.

cronsim parses the expression and knows the calendar; zones are left to this module, which asks it for local
times without a zone. (With zones cronsim 2.8 misses ticks where clocks are changed by half an hour, fires a
wildcard cron at the end of a gap that has all of its times, and answers a time that has been when it is asked
within an hour that has come again.)
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Protocol

from cronsim import CronSim, CronSimError

from daskflow.api.conditions import instant
from daskflow.api.flowschedule import NICKNAMES, FlowScheduleSpec
from daskflow.api.quantities import seconds
from daskflow.calendar.wall_clock import SECOND, change, first, offset, shown, time_zone

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LAST_YEAR = 9000
"""Beyond it a datetime can no longer be reckoned with."""


class TimetableInvalid(ValueError):
    """What the spec says is no timetable; its text is a sentence for the user."""


class CronInvalid(TimetableInvalid):
    """The cron expression cannot be understood."""


class NeverFires(TimetableInvalid):
    """The cron expression names a date that does not exist."""


class Timetable(Protocol):
    """All times are aware, in UTC and whole seconds."""

    def after(self, at: datetime) -> datetime | None:
        """The first tick later than `at`, None if there is none any more."""


@dataclass(frozen=True)
class Interval:
    """A tick every so many seconds, before and after the anchor."""

    seconds: int
    anchor: datetime = EPOCH

    def after(self, at: datetime) -> datetime | None:
        """The first tick later than `at`."""
        if at.year > LAST_YEAR:
            return None
        passed = (at - self.anchor) // SECOND // self.seconds
        return self.anchor + timedelta(seconds=(passed + 1) * self.seconds)


@dataclass(frozen=True)
class Cron:
    """A tick whenever clocks in the zone show a time that the expression (five fields) matches."""

    expression: str
    zone: tzinfo

    @property
    def wild(self) -> bool:
        """Whether minute or hour begins with a star, which is how Debian's cron tells."""
        minute, hour, *_ = self.expression.split()
        return minute.startswith("*") or hour.startswith("*")

    def after(self, at: datetime) -> datetime | None:
        """The first tick later than `at`."""
        if at.year > LAST_YEAR:
            return None
        return self._after_wild(at) if self.wild else self._after_fixed(at)

    def _after_fixed(self, at: datetime) -> datetime | None:
        for local in CronSim(self.expression, shown(at, self.zone)):
            tick = first(local, self.zone)
            if tick > at:  # not the second coming of an hour
                return tick
        return None

    def _after_wild(self, at: datetime) -> datetime | None:
        """From one stretch without a change of clocks to the next, a day at most."""
        begin, local = at + SECOND, None
        while begin.year <= LAST_YEAR:
            ahead = offset(begin, self.zone)
            if local is None:
                start = (begin + ahead).replace(tzinfo=None) - SECOND
                local = next(CronSim(self.expression, start), None)
                if local is None:
                    return None
            tick = local.replace(tzinfo=timezone.utc) - ahead
            end = begin + DAY
            if offset(end, self.zone) != ahead:
                end, local = change(begin, end, self.zone), None
            if tick < end:
                return tick
            begin = end
        return None


def timetable_of(spec: FlowScheduleSpec) -> Timetable:
    """Raises TimetableInvalid or ZoneUnknown."""
    time_zone(spec.time_zone)
    if spec.cron is not None:
        return cron(spec.cron, spec.time_zone)
    anchor = instant(spec.anchor).astimezone(timezone.utc).replace(microsecond=0) if spec.anchor else EPOCH
    return Interval(max(1, seconds(spec.interval or "")), anchor)


@lru_cache(maxsize=4096)
def cron(expression: str, zone: str) -> Cron:
    """The timetable of a cron expression or nickname; raises TimetableInvalid or ZoneUnknown."""
    fields = NICKNAMES.get(expression, expression)
    try:
        # In 2001, since a date that exists in leap years only is to be looked for, too.
        earliest = next(CronSim(fields, datetime(2001, 1, 1)), None)
    except CronSimError as error:
        if _dateless(fields):
            earliest = None
        else:
            field = str(error).removeprefix("Bad ")
            raise CronInvalid(
                f'spec.cron "{expression}" cannot be understood ({field}); write minute, hour, day of month, '
                "month and day of week, for example 0 2 * * *."
            ) from error
    if earliest is None:
        raise NeverFires(
            f'spec.cron "{expression}" never fires: no month it names has such a day; correct the date.'
        )
    return Cron(fields, time_zone(zone))


def _dateless(fields: str) -> bool:
    """Whether each field is right by itself, and only the date does not exist."""
    try:
        minute, hour, day, month, weekday = fields.split()
    except ValueError:  # not five of them
        return False
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", EPOCH)
        CronSim(f"{minute} {hour} 1 {month} {weekday}", EPOCH)
    except CronSimError:
        return False
    return True


def ticks(timetable: Timetable, after: datetime, until: datetime) -> Iterator[datetime]:
    """All ticks in (after, until]."""
    tick = timetable.after(after)
    while tick is not None and tick <= until:
        yield tick
        tick = timetable.after(tick)


def newest(timetable: Timetable, after: datetime, until: datetime, limit: int) -> tuple[datetime, ...]:
    """The last ticks in (after, until], at most `limit`, oldest first; a long time costs no more."""
    span = timedelta(hours=1)
    while True:
        start = max(after, until - span)
        found = deque(ticks(timetable, start, until), maxlen=limit)
        if len(found) == limit or start == after:
            return tuple(found)
        span *= 4


def times_of(spec: FlowScheduleSpec, tick: datetime) -> dict[str, datetime | None]:
    """What the run of this moment is told, in the schedule's zone, by the words of `manifests.substitution`.

    The moment need be no tick; previousScheduledTime is looked for only where the template asks for it, which
    costs some milliseconds. Raises TimetableInvalid or ZoneUnknown.
    """
    zone = time_zone(spec.time_zone)
    asked = "previousScheduledTime" in spec.template.model_dump_json()
    previous = before(timetable_of(spec), tick) if asked else None
    return {
        "scheduledTime": tick.astimezone(zone),
        "previousScheduledTime": previous and previous.astimezone(zone),
    }


def before(timetable: Timetable, tick: datetime) -> datetime | None:
    """The tick before this one, None if there has been none for a hundred years."""
    found = newest(timetable, tick - 36_525 * DAY, tick - SECOND, 1)
    return found[0] if found else None
