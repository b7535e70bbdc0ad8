"""Which time zones there are; what clocks show in them is tried with timetables and quiet hours."""

import re

import pytest
from daskflow.calendar.wall_clock import ZoneUnknown, time_zone


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("utc", "UTC"),
        ("japan", "Japan"),
        ("Paris", "Europe/Paris"),
        ("new york", "America/New_York"),
        ("Singapor", "Asia/Singapore"),
        ("Asia/Kolkatta", "Asia/Kolkata"),
    ],
)
def test_the_name_that_was_meant_is_suggested(wrong: str, meant: str) -> None:
    with pytest.raises(ZoneUnknown, match=re.escape(f'"{wrong}" is not in the IANA')) as raised:
        time_zone(wrong)
    assert str(raised.value).endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize(
    "wrong",
    ["CEST", "cest", "PDT", "MSK", "BST", "JST", "MESZ", "GMT+1", "UTC+1", "UTC+01:00", "+02:00", "Z"],
)
def test_for_an_offset_or_an_abbreviation_no_other_one_is_suggested(wrong: str) -> None:
    with pytest.raises(ZoneUnknown) as raised:
        time_zone(wrong)
    assert str(raised.value).endswith("; write for example Europe/Berlin.")


@pytest.mark.parametrize("name", ["localtime", "Factory"])
def test_a_zone_that_says_nothing_is_none(name: str) -> None:
    with pytest.raises(ZoneUnknown, match="for example Europe/Berlin"):
        time_zone(name)
