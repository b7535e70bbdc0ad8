"""When a cron fires, by looking at a clock on the wall every minute: slow, and without any cleverness.

As Debian's cron.c does it: it remembers the latest time that clocks have shown. When they are put forward,
the times between are made up for at once (for jobs without a wildcard); when they are put back, it waits
until they have caught up.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Fields:
    """The numbers that each field means; `days_or`: neither of the two day fields begins with a star."""

    minutes: Collection[int]
    hours: Collection[int]
    days: Collection[int]
    months: Collection[int]
    weekdays: Collection[int]
    """0 is Sunday."""
    wild: bool
    days_or: bool

    def match(self, shown: datetime) -> bool:
        """Whether it fires when clocks show this."""
        day, weekday = shown.day in self.days, shown.isoweekday() % 7 in self.weekdays
        return (
            shown.minute in self.minutes
            and shown.hour in self.hours
            and shown.month in self.months
            and (day or weekday if self.days_or else day and weekday)
        )


def fires(fields: Fields, zone: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    """All ticks in (begin, end], both in UTC and whole minutes."""
    at = begin - timedelta(days=2)
    latest = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while at < end:
        at += MINUTE
        shown = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if fields.wild:
            due = fields.match(shown)
        else:
            due = False
            while latest < shown:
                latest += MINUTE
                due |= fields.match(latest)
        if due and at > begin:
            yield at.astimezone(UTC)
