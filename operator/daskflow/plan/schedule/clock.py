"""Ticks: when a cron or an interval fires, in a time zone whose clocks are put forward and back.

Summer time is treated as Debian's cron does. A cron without a wildcard in minute and hour names times of
the day: one in an hour that is skipped fires once, at the end of the gap, and one in an hour that comes
twice fires the first time only. Any other fires whenever clocks show a time that it matches.

cronsim parses the expression and knows the calendar; zones are left to this module, which asks it for local
times without a zone. (With zones cronsim 2.8 misses ticks where clocks are changed by half an hour, fires a
wildcard cron at the end of a gap that has all of its times, and answers a time that has been when it is asked
within an hour that has come again.)
"""

import difflib
import zoneinfo
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Protocol

from cronsim import CronSim, CronSimError

from daskflow.api.flowschedule import NICKNAMES

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_YEAR = 9000
"""Beyond it a datetime can no longer be reckoned with."""


class ClockInvalid(ValueError):
    """What the spec says is no clock; its text is a sentence for the user."""


class CronInvalid(ClockInvalid):
    """The cron expression cannot be understood."""


class NeverFires(ClockInvalid):
    """The cron expression names a date that does not exist."""


class ZoneUnknown(ClockInvalid):
    """There is no such time zone."""


class Clock(Protocol):
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
        for local in CronSim(self.expression, self._local(at)):
            tick = self._first(local)
            if tick > at:  # not the second coming of an hour
                return tick
        return None

    def _after_wild(self, at: datetime) -> datetime | None:
        """From one stretch without a change of clocks to the next, a day at most."""
        begin, local = at + SECOND, None
        while begin.year <= LAST_YEAR:
            offset = self._offset(begin)
            if local is None:
                start = (begin + offset).replace(tzinfo=None) - SECOND
                local = next(CronSim(self.expression, start), None)
                if local is None:
                    return None
            tick = local.replace(tzinfo=UTC) - offset
            end = begin + DAY
            if self._offset(end) != offset:
                end, local = self._change(begin, end), None
            if tick < end:
                return tick
            begin = end
        return None

    def _first(self, local: datetime) -> datetime:
        """When clocks show this for the first time, or the end of the gap that it is in."""
        aware = local.replace(tzinfo=self.zone, fold=0)
        tick = aware.astimezone(UTC)
        if self._local(tick) == local:
            return tick
        return self._change(aware.replace(fold=1).astimezone(UTC), tick)

    def _change(self, before: datetime, after: datetime) -> datetime:
        """The first second of the offset at `after`, where there is one change between the two."""
        offset = self._offset(after)
        while after - before > SECOND:
            middle = before + (after - before) // SECOND // 2 * SECOND
            if self._offset(middle) == offset:
                after = middle
            else:
                before = middle
        return after

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self.zone).utcoffset() or timedelta()

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=4096)
def cron(expression: str, zone: str) -> Cron:
    """The clock of a cron expression or nickname; raises ClockInvalid."""
    fields = NICKNAMES.get(expression, expression)
    try:
        # In 2001, since a date that exists in leap years only is to be looked for, too.
        first = next(CronSim(fields, datetime(2001, 1, 1)), None)
    except CronSimError as error:
        if _dateless(fields):
            first = None
        else:
            field = str(error).removeprefix("Bad ")
            raise CronInvalid(
                f'spec.cron "{expression}" cannot be understood ({field}); write minute, hour, day of month, '
                "month and day of week, for example 0 2 * * *."
            ) from error
    if first is None:
        raise NeverFires(
            f'spec.cron "{expression}" never fires: no month it names has such a day; correct the date.'
        )
    return Cron(fields, time_zone(zone))


def _dateless(fields: str) -> bool:
    """Whether each field is right by itself, and only the date does not exist."""
    minute, hour, day, _, weekday = fields.split()
    try:
        CronSim(f"{minute} {hour} {day} * {weekday}", EPOCH)
        CronSim(f"{minute} {hour} 1 {fields.split()[3]} {weekday}", EPOCH)
    except CronSimError:
        return False
    return True


@cache
def _zone_names() -> frozenset[str]:
    # "localtime" is whatever the operator's machine is set to.
    return frozenset(zoneinfo.available_timezones() - {"localtime"})


def time_zone(name: str) -> tzinfo:
    """The zone of this name; raises ZoneUnknown, with the nearest name there is."""
    if name == "UTC":
        return UTC
    if name in _zone_names():
        return zoneinfo.ZoneInfo(name)
    names = {each.lower(): each for each in _zone_names()}
    cities = {each.rpartition("/")[2]: names[each] for each in names}
    wanted = name.lower().replace(" ", "_")
    near = [names[each] for each in difflib.get_close_matches(wanted, names, 1, 0.75)]
    near += [cities[each] for each in difflib.get_close_matches(wanted, cities, 1, 0.75)]
    advice = f"did you mean {near[0]}?" if near else "write for example Europe/Berlin."
    raise ZoneUnknown(f'spec.timeZone "{name}" is not in the IANA time zone database; {advice}')


def ticks(clock: Clock, after: datetime, until: datetime) -> Iterator[datetime]:
    """All ticks in (after, until]."""
    tick = clock.after(after)
    while tick is not None and tick <= until:
        yield tick
        tick = clock.after(tick)


def newest(clock: Clock, after: datetime, until: datetime, limit: int) -> tuple[datetime, ...]:
    """The last ticks in (after, until], at most `limit`, oldest first; a long time costs no more."""
    span = timedelta(hours=1)
    while True:
        start = max(after, until - span)
        found = deque(ticks(clock, start, until), maxlen=limit)
        if len(found) == limit or start == after:
            return tuple(found)
        span *= 4


def before(clock: Clock, tick: datetime) -> datetime | None:
    """The tick before this one, None if there has been none for a hundred years."""
    found = newest(clock, tick - 36_525 * DAY, tick - SECOND, 1)
    return found[0] if found else None
