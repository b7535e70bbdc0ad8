"""When quiet hours end, beside somebody who looks at the clock every minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from daskflow.api.quiet_hours import DAYS, QuietHours
from daskflow.calendar.quiet_calendar import ends
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.plan.stage import NOW

MINUTE = timedelta(minutes=1)


def hours(start: str, end: str, zone: str = "UTC", days: Sequence[str] = ()) -> QuietHours:
    some = {"days": days} if days else {}
    return QuietHours.model_validate({"start": start, "end": end, "timeZone": zone, **some})


NIGHT = hours("22:00", "06:00")
WEEKEND = hours("00:00", "24:00", days=("Sat", "Sun"))
FRIDAY_NIGHT = hours("22:00", "06:00", days=("Fri",))
BERLIN_GAP = hours("02:15", "02:45", "Europe/Berlin")
"""Skipped whole on 29 March 2026, when clocks are put from 02:00 to 03:00."""


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        # The edges: quiet from the first moment of `start` to the last before `end`.
        (NIGHT, "2026-03-02T21:59:59+00:00", None),
        (NIGHT, "2026-03-02T22:00:00+00:00", "2026-03-03T06:00:00+00:00"),
        (NIGHT, "2026-03-03T00:00:00+00:00", "2026-03-03T06:00:00+00:00"),
        (NIGHT, "2026-03-03T05:59:59.999999+00:00", "2026-03-03T06:00:00+00:00"),
        (NIGHT, "2026-03-03T06:00:00+00:00", None),
        # Midnight as an end, in both spellings.
        (hours("20:00", "24:00"), "2026-03-02T23:00:00+00:00", "2026-03-03T00:00:00+00:00"),
        (hours("20:00", "00:00"), "2026-03-02T23:00:00+00:00", "2026-03-03T00:00:00+00:00"),
        (hours("20:00", "24:00"), "2026-03-03T00:00:00+00:00", None),
        # Over midnight they belong to the day on which they began; 6 March 2026 is a Friday.
        (FRIDAY_NIGHT, "2026-03-06T05:00:00+00:00", None),
        (FRIDAY_NIGHT, "2026-03-06T23:00:00+00:00", "2026-03-07T06:00:00+00:00"),
        (FRIDAY_NIGHT, "2026-03-07T05:00:00+00:00", "2026-03-07T06:00:00+00:00"),
        (FRIDAY_NIGHT, "2026-03-07T23:00:00+00:00", None),
        # Those that follow each other without a pause are one.
        (WEEKEND, "2026-03-06T23:59:00+00:00", None),
        (WEEKEND, "2026-03-07T00:00:00+00:00", "2026-03-09T00:00:00+00:00"),
        (hours("00:00", "24:00", days=DAYS[1:]), "2026-03-03T09:00:00+00:00", "2026-03-09T00:00:00+00:00"),
        # The day and the time are the zone's.
        (hours("08:00", "18:00", "Asia/Tokyo"), "2026-03-02T23:30:00+00:00", "2026-03-03T09:00:00+00:00"),
        (
            hours("08:00", "18:00", "Asia/Tokyo", ("Mon",)),
            "2026-03-02T23:30:00+00:00",  # Tuesday there
            None,
        ),
        # Clocks are put forward at 02:00: what is skipped ends, or begins, at the end of the gap.
        (hours("01:00", "02:30", "Europe/Berlin"), "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"),
        (hours("02:30", "05:00", "Europe/Berlin"), "2026-03-29T01:59:00+01:00", None),
        (hours("02:30", "05:00", "Europe/Berlin"), "2026-03-29T03:00:00+02:00", "2026-03-29T05:00:00+02:00"),
        (BERLIN_GAP, "2026-03-29T03:00:00+02:00", None),
        # What is left open is skipped: two nights become one.
        (hours("03:00", "02:30", "Europe/Berlin"), "2026-03-29T00:00:00+01:00", "2026-03-30T02:30:00+02:00"),
        # Clocks are put back at 03:00: the first 02:30 begins and ends them.
        (hours("01:00", "02:30", "Europe/Berlin"), "2026-10-25T02:29:00+02:00", "2026-10-25T02:30:00+02:00"),
        (hours("01:00", "02:30", "Europe/Berlin"), "2026-10-25T02:15:00+01:00", None),
        (hours("02:30", "04:00", "Europe/Berlin"), "2026-10-25T02:15:00+02:00", None),
        (hours("02:30", "04:00", "Europe/Berlin"), "2026-10-25T02:15:00+01:00", "2026-10-25T04:00:00+01:00"),
        (hours("02:00", "03:00", "Europe/Berlin"), "2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+01:00"),
        # A whole day is left out.
        (hours("22:00", "06:00", "Pacific/Apia"), "2011-12-29T23:00:00-10:00", "2011-12-31T06:00:00+14:00"),
    ],
)
def test_when_they_end(quiet: QuietHours, now: str, until: str | None) -> None:
    expected = datetime.fromisoformat(until) if until else None
    assert ends(quiet, datetime.fromisoformat(now).astimezone(UTC)) == expected


def by_the_minute(quiet: QuietHours, now: datetime) -> datetime | None:
    """The same by a clock on the wall that is looked at every minute, and not put back but stopped."""
    zone, span = ZoneInfo(quiet.time_zone), []
    for text in (quiet.start, quiet.end):
        hour, minute = text.split(":")
        span.append(int(hour) * 60 + int(minute))
    start, end = span[0], span[1] + (24 * 60 if span[1] <= span[0] else 0)
    at, latest = now - timedelta(days=2), datetime(1, 1, 1)
    while True:
        latest = max(latest, at.astimezone(zone).replace(tzinfo=None))
        today = latest.replace(hour=0, minute=0)
        is_quiet = any(
            start <= (latest - day) / MINUTE < end and (not quiet.days or DAYS[day.weekday()] in quiet.days)
            for day in (today, today - timedelta(days=1))
        )
        if at >= now and not is_quiet:
            return None if at == now else at
        at += MINUTE


CHANGES = (
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2027, 3, 14, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2027, 11, 7, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 15, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 4, 5, 3, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
)
_TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 45, 59)))
_DAYS = st.lists(st.sampled_from(DAYS), unique=True, max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    minutes=st.integers(-1500, 1500),
    start=_TIMES,
    end=_TIMES | st.just("24:00"),
    days=_DAYS,
)
@example(change=CHANGES[0], minutes=-60, start="03:00", end="02:30", days=[])
@example(change=CHANGES[1], minutes=0, start="02:30", end="02:00", days=[])
def test_as_somebody_says_who_looks_at_the_clock_every_minute(
    change: tuple[str, datetime], minutes: int, start: str, end: str, days: list[str]
) -> None:
    if start == end or (start, end, days) == ("00:00", "24:00", []):
        return
    zone, moment = change
    quiet, now = hours(start, end, zone, days), moment + minutes * MINUTE
    assert ends(quiet, now) == by_the_minute(quiet, now)


def test_those_that_never_end_do_not_keep_the_operator() -> None:
    always = ends(hours("00:00", "24:00"), NOW)
    assert always is not None
    assert always > NOW + timedelta(days=7)


# --- the run; NOW is a Sunday, 12:00 UTC
