"""When a schedule fires: tables of zones and dates, and a property against a minute-by-minute oracle."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from daskflow.calendar.timetable import Interval, TimetableInvalid, before, cron, newest, ticks
from daskflow.calendar.wall_clock import ZoneUnknown, time_zone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.calendar.timetable_oracle import Fields, fires

PAGE = Path(__file__).parents[3] / "docs" / "schedules.md"

# Local times with their offsets, on the day of a change and, where it says more, around it.
CASES = [
    # Berlin, 2026-03-29: 02:00 becomes 03:00.
    ("Europe/Berlin", "2026-03-29", "30 2 * * *", ["03:00+02:00"]),
    ("Europe/Berlin", "2026-03-29", "0 2 * * *", ["03:00+02:00"]),
    ("Europe/Berlin", "2026-03-29", "0,30 2 * * *", ["03:00+02:00"]),
    ("Europe/Berlin", "2026-03-29", "30 1,2,3 * * *", ["01:30+01:00", "03:00+02:00", "03:30+02:00"]),
    ("Europe/Berlin", "2026-03-29", "0 3 * * *", ["03:00+02:00"]),
    ("Europe/Berlin", "2026-03-29", "0 2,3 * * *", ["03:00+02:00"]),
    ("Europe/Berlin", "2026-03-29", "*/30 2 * * *", []),
    (
        "Europe/Berlin",
        "2026-03-29",
        "30 */2 * * *",
        [f"{hour:02}:30" for hour in range(0, 24, 2) if hour != 2],
    ),
    ("Europe/Berlin", "2026-03-29", "0 0-4 * * *", ["00:00+01:00", "01:00+01:00", "03:00+02:00", "04:00"]),
    ("Europe/Berlin", "2026-03-29", "@daily", ["00:00+01:00"]),
    ("Europe/Berlin", "2026-03-29", "@hourly", [f"{hour:02}:00" for hour in range(24) if hour != 2]),
    # Berlin, 2026-10-25: 03:00 becomes 02:00.
    ("Europe/Berlin", "2026-10-25", "30 2 * * *", ["02:30+02:00"]),
    ("Europe/Berlin", "2026-10-25", "0 3 * * *", ["03:00+01:00"]),
    ("Europe/Berlin", "2026-10-25", "0 0-4 * * *", ["00:00", "01:00", "02:00+02:00", "03:00+01:00", "04:00"]),
    (
        "Europe/Berlin",
        "2026-10-25",
        "*/30 2 * * *",
        ["02:00+02:00", "02:30+02:00", "02:00+01:00", "02:30+01:00"],
    ),
    ("Europe/Berlin", "2026-10-25", "30 */2 * * *", ["00:30", "02:30+02:00", "02:30+01:00", "04:30"]),
    # The same in 2027: 28 March and 31 October.
    ("Europe/Berlin", "2027-03-28", "30 2 * * *", ["03:00+02:00"]),
    ("Europe/Berlin", "2027-10-31", "30 2 * * *", ["02:30+02:00"]),
    ("Europe/Berlin", "2027-10-31", "0 * * * *", ["00:00", "01:00", "02:00+02:00", "02:00+01:00", "03:00"]),
    # New York: 8 March and 1 November 2026, 14 March and 7 November 2027.
    ("America/New_York", "2026-03-08", "15 2 * * *", ["03:00-04:00"]),
    ("America/New_York", "2026-03-08", "15 * * * *", ["00:15", "01:15-05:00", "03:15-04:00", "04:15"]),
    ("America/New_York", "2026-11-01", "30 1 * * *", ["01:30-04:00"]),
    (
        "America/New_York",
        "2026-11-01",
        "*/30 1 * * *",
        ["01:00-04:00", "01:30-04:00", "01:00-05:00", "01:30-05:00"],
    ),
    ("America/New_York", "2027-03-14", "15 2 * * *", ["03:00-04:00"]),
    ("America/New_York", "2027-11-07", "30 1 * * *", ["01:30-04:00"]),
    # Lord Howe changes by half an hour: 5 April and 4 October 2026, 4 April and 3 October 2027.
    ("Australia/Lord_Howe", "2026-10-04", "15 2 * * *", ["02:30+11:00"]),
    ("Australia/Lord_Howe", "2026-10-04", "45 2 * * *", ["02:45+11:00"]),
    ("Australia/Lord_Howe", "2026-10-04", "*/15 2 * * *", ["02:30+11:00", "02:45+11:00"]),
    ("Australia/Lord_Howe", "2026-10-04", "*/30 4 * * *", ["04:00+11:00", "04:30+11:00"]),
    ("Australia/Lord_Howe", "2026-04-05", "45 1 * * *", ["01:45+11:00"]),
    (
        "Australia/Lord_Howe",
        "2026-04-05",
        "*/15 1 * * *",
        ["01:00", "01:15", "01:30+11:00", "01:45+11:00", "01:30+10:30", "01:45+10:30"],
    ),
    ("Australia/Lord_Howe", "2027-10-03", "15 2 * * *", ["02:30+11:00"]),
    ("Australia/Lord_Howe", "2027-04-04", "45 1 * * *", ["01:45+11:00"]),
    # Zones that changed their rules.
    ("Pacific/Apia", "2011-12-30", "0 12 * * *", []),  # a day that Samoa left out
    ("Pacific/Apia", "2011-12-31", "0 12 * * *", ["00:00+14:00", "12:00+14:00"]),
    ("Pacific/Apia", "2011-12-31", "0 */12 * * *", ["00:00+14:00", "12:00+14:00"]),
    ("Asia/Almaty", "2024-02-29", "30 23 * * *", ["23:30+06:00"]),  # from +06 to +05 for good
    (
        "Asia/Almaty",
        "2024-02-29",
        "*/30 23 * * *",
        ["23:00+06:00", "23:30+06:00", "23:00+05:00", "23:30+05:00"],
    ),
    ("America/Mexico_City", "2023-04-02", "30 2 * * *", ["02:30-06:00"]),  # no summer time since 2022
    ("America/Mexico_City", "2022-04-03", "30 2 * * *", ["03:00-05:00"]),
    ("Europe/Istanbul", "2016-10-30", "30 3 * * *", ["03:30+03:00"]),  # stayed on summer time
    ("Africa/Casablanca", "2026-02-15", "30 2 * * *", ["02:30+01:00"]),  # Ramadan: 03:00 becomes 02:00
    ("Africa/Casablanca", "2026-03-22", "30 2 * * *", ["03:00+01:00"]),
    ("America/Santiago", "2026-09-06", "*/30 0 * * *", []),  # at midnight: 00:00 becomes 01:00
    ("America/Santiago", "2026-09-06", "0 0 * * *", ["01:00-03:00"]),
    ("Africa/Cairo", "2022-04-29", "30 0 * * *", ["00:30+02:00"]),  # summer time again only since 2023
    ("Africa/Cairo", "2023-04-28", "30 0 * * *", ["01:00+03:00"]),
]


def local(zone: str, day: str, expression: str) -> list[str]:
    """What clocks in the zone show at each tick of that day, with the offset."""
    midnight = datetime.fromisoformat(day)
    begin = midnight.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=26)
    shown = [
        tick.astimezone(ZoneInfo(zone))
        for tick in ticks(cron(expression, zone), begin, begin + timedelta(hours=78))
    ]
    return [each.isoformat(timespec="minutes")[11:] for each in shown if each.date() == midnight.date()]


@pytest.mark.parametrize(("zone", "day", "expression", "expected"), CASES)
def test_day_of_a_change(zone: str, day: str, expression: str, expected: list[str]) -> None:
    found = local(zone, day, expression)
    if expression in ("0 * * * *", "15 * * * *", "30 */2 * * *") and len(expected) < 10:
        found = found[: len(expected)]
    assert [each[: len(want)] for each, want in zip(found, expected, strict=True)] == expected


def test_table_of_the_page_is_true() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (\S+) (\S+) \| (.*) \|$", PAGE.read_text(), re.M)
    assert len(rows) > 8
    for expression, zone, day, told in rows:
        want = re.findall(r"\d\d:\d\d[+-]\d\d:\d\d", told)
        assert local(zone, day, expression)[: max(len(want), 1)] == want, (expression, zone, day)


@pytest.mark.parametrize(
    ("expression", "begin", "expected"),
    [
        ("0 0 29 2 *", "2026-01-01", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 31 * *", "2026-02-01", ["2026-03-31T00:00", "2026-05-31T00:00"]),
        ("0 0 13 * 5", "2026-02-01", ["2026-02-06T00:00", "2026-02-13T00:00"]),  # either of them
        ("0 9 * jan-feb mon", "2026-02-20", ["2026-02-23T09:00", "2027-01-04T09:00"]),
        ("0 0 * * 7", "2026-02-20", ["2026-02-22T00:00"]),
        ("5-59/20 1 * * *", "2026-02-20", ["2026-02-20T01:05", "2026-02-20T01:25", "2026-02-20T01:45"]),
        ("@weekly", "2026-02-20", ["2026-02-22T00:00"]),
        ("@yearly", "2026-02-20", ["2027-01-01T00:00"]),
    ],
)
def test_calendar(expression: str, begin: str, expected: list[str]) -> None:
    at = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    for want in expected:
        tick = cron(expression, "UTC").after(at)
        assert tick is not None
        assert tick.isoformat(timespec="minutes") == f"{want}+00:00"
        at = tick


@pytest.mark.parametrize(
    ("expression", "zone", "says"),
    [
        ("0 25 * * *", "UTC", "hour"),
        ("61 * * * *", "UTC", "minute"),
        ("0 0 30 2 *", "UTC", "never fires"),
        ("0 0 31 2,4,6 *", "UTC", "never fires"),
        ("0 0 * foo *", "UTC", "month"),
        ("* *", "UTC", '"* *" cannot be understood'),
        ("", "UTC", "cannot be understood"),
        ("0 0 * * * * *", "UTC", "write minute, hour, day of month"),
        ("0 0 * * *", "Europe/Brelin", "did you mean Europe/Berlin?"),
        ("0 0 * * *", "europe/berlin", "did you mean Europe/Berlin?"),
        ("0 0 * * *", "Berlin", "did you mean Europe/Berlin?"),
        ("0 0 * * *", "New York", "did you mean America/New_York?"),
        ("0 0 * * *", "+02:00", "for example Europe/Berlin"),
        ("0 0 * * *", "localtime", "not in the IANA"),
        ("0 0 * * *", "../../etc/passwd", "not in the IANA"),
    ],
)
def test_what_is_no_clock_is_said_in_one_sentence(expression: str, zone: str, says: str) -> None:
    with pytest.raises((TimetableInvalid, ZoneUnknown), match=re.escape(says)):
        cron(expression, zone)


def test_an_interval_counts_from_its_anchor_in_both_directions() -> None:
    anchor = datetime(2026, 1, 1, 0, 7, tzinfo=UTC)
    clock = Interval(900, anchor)
    assert clock.after(anchor) == anchor + timedelta(minutes=15)
    assert clock.after(anchor - timedelta(seconds=1)) == anchor
    assert clock.after(anchor - timedelta(minutes=20)) == anchor - timedelta(minutes=15)


def test_an_interval_does_not_change_with_the_clocks() -> None:
    found = list(ticks(Interval(86400), datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)))
    assert [each.hour for each in found] == [0, 0, 0]


def test_the_newest_of_years_are_found_without_counting_all() -> None:
    begin, end = datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
    found = newest(cron("* * * * *", "Europe/Berlin"), begin, end, 100)
    assert len(found) == 100
    assert found[-1] == datetime(2026, 1, 1, tzinfo=UTC)
    assert found[0] == found[-1] - timedelta(minutes=99)
    assert newest(cron("0 0 1 1 *", "UTC"), begin, end, 3) == tuple(
        datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2025, 2026)
    )


def test_before_is_the_other_way_round() -> None:
    for clock in (cron("30 2 * * *", "Europe/Berlin"), cron("*/7 * * * *", "Europe/Berlin"), Interval(700)):
        at = datetime(2026, 3, 28, tzinfo=UTC)
        for _ in range(30):
            tick = clock.after(at)
            assert tick is not None
            following = clock.after(tick)
            assert following is not None
            assert before(clock, following) == tick
            at = tick


@st.composite
def field(draw: st.DrawFn, low: int, high: int) -> tuple[str, frozenset[int]]:
    """A field's text and the numbers it means."""
    every = range(low, high + 1)
    kind = draw(st.sampled_from(["*", "*/n", "list", "range", "range/n"]))
    if kind == "*":
        return "*", frozenset(every)
    step = draw(st.integers(1, high - low))
    if kind == "*/n":
        return f"*/{step}", frozenset(every[::step])
    if kind == "list":
        chosen = draw(st.sets(st.integers(low, high), min_size=1, max_size=3))
        return ",".join(map(str, sorted(chosen))), frozenset(chosen)
    first = draw(st.integers(low, high - 1))
    last = draw(st.integers(first + 1, high))
    if kind == "range":
        return f"{first}-{last}", frozenset(range(first, last + 1))
    return f"{first}-{last}/{step}", frozenset(range(first, last + 1, step))


@st.composite
def expression(draw: st.DrawFn) -> tuple[str, Fields]:
    """A cron expression, and what the oracle makes of it."""
    (minute, minutes), (hour, hours) = draw(field(0, 59)), draw(field(0, 23))
    (day, days), (month, months), (weekday, weekdays) = (
        draw(field(1, 31)),
        ("*", range(1, 13)),
        draw(field(0, 6)),
    )
    if draw(st.booleans()):
        (day, days), (weekday, weekdays) = ("*", frozenset(range(1, 32))), ("*", frozenset(range(7)))
    wild = minute.startswith("*") or hour.startswith("*")
    days_or = not (day.startswith("*") or weekday.startswith("*"))
    text = f"{minute} {hour} {day} {month} {weekday}"
    return text, Fields(minutes, hours, days, frozenset(months), weekdays, wild, days_or)


CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2027-10-31"),
    ("America/New_York", "2026-11-01"),
    ("America/New_York", "2027-03-14"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2027-10-03"),
    ("America/Santiago", "2026-09-06"),
    ("Asia/Almaty", "2024-03-01"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Antarctica/Troll", "2026-03-29"),  # by two hours
    ("Pacific/Apia", "2011-12-31"),
    ("Asia/Kathmandu", "2026-05-05"),
]


@settings(max_examples=300, deadline=None)
@given(expression(), st.sampled_from(CHANGES), st.integers(0, 2 * 1440), st.integers(0, 59))
def test_ticks_are_those_of_a_clock_on_the_wall(
    given_expression: tuple[str, Fields], change: tuple[str, str], minutes: int, second: int
) -> None:
    text, fields = given_expression
    zone, day = change
    # Any moment within a day of the change, so that a look may begin in the hour that comes twice.
    begin = datetime.fromisoformat(f"{day}T00:00+00:00") + timedelta(minutes=minutes - 1440)
    end = begin + timedelta(days=2)
    expected = list(fires(fields, zone, begin, end))
    try:
        clock = cron(text, zone)
    except TimetableInvalid:
        assert expected == []
        return
    assert list(ticks(clock, begin, end)) == expected
    later = begin + timedelta(seconds=second)
    assert list(ticks(clock, later, end)) == expected


def test_every_zone_has_a_next_tick() -> None:
    for zone in ("Etc/GMT+12", "Pacific/Kiritimati", "Asia/Kolkata", "UTC", "Etc/UTC", "GMT"):
        assert time_zone(zone)
        assert cron("0 2 * * *", zone).after(datetime(2026, 3, 1, tzinfo=UTC))
