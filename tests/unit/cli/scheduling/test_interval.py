"""From two times that were typed to ticks."""

from datetime import UTC, datetime

import pytest
from daskflow.cli.scheduling.interval import ticks_between
from daskflow.client.errors import WrongUse

from tests.unit.cli.scheduling.schedules import schedule

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "end", "found"),
    [
        ("2026-03-27", "2026-03-30", ["27T01:00", "28T01:00", "29T01:00", "30T00:00"]),
        ("2026-03-28", "2026-03-28", ["28T01:00"]),
        ("2026-03-28T02:00", "2026-03-29T03:00", ["28T01:00", "29T01:00"]),
        ("2026-03-28T02:00:01", "2026-03-29T02:59:59", ["29T01:00"]),  # skipped times are the end of the gap
        ("2026-03-28T01:00:00Z", "2026-03-28T02:00:00+01:00", ["28T01:00"]),
        ("2026-03-30", "2027-01-01", ["30T00:00", "31T00:00"]),  # what is to come is not filled in
    ],
)
def test_both_ends_are_included(begin: str, end: str, found: list[str]) -> None:
    ticks = ticks_between(schedule(), begin, end, NOW)
    assert [f"{tick:%dT%H:%M}" for tick in ticks] == found


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        ("2026-03-28", "2026-03-27", "TO 2026-03-27 is before FROM 2026-03-28"),
        ("yesterday", "2026-03-27", "FROM 'yesterday' is no time; write for example 2026-11-01"),
        ("2026-03-27", "2026-02-30", "TO '2026-02-30' is no time"),
        ("0001-01-01", "2026-02-03", "give one after 1900"),
    ],
)
def test_what_is_no_interval_is_a_sentence(begin: str, end: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        ticks_between(schedule(), begin, end, NOW)


def test_more_than_anybody_means_is_refused() -> None:
    often = schedule({"cron": None, "interval": "10s"})
    with pytest.raises(WrongUse, match="more than 10000 ticks"):
        ticks_between(often, "2026-01-01", "2026-03-01", NOW)
