"""The list of schedules: the ticks to come."""

from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.cli.ui.views.schedules import next_ticks

from tests.unit.cli.ui.world import schedule

AT = datetime(2026, 3, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spec", "clocks"),
    [
        (
            {"cron": "30 2 * * *", "timeZone": "Europe/Berlin"},
            ["Sun 29 Mar 03:00", "Mon 30 Mar 02:30", "Tue 31 Mar 02:30"],
        ),
        (
            {"cron": None, "interval": "30s"},
            ["Sat 28 Mar 12:00:30", "Sat 28 Mar 12:01:00", "Sat 28 Mar 12:01:30"],
        ),
    ],
)
def test_the_next_ticks_are_told_by_the_zones_clocks(spec: object, clocks: list[str]) -> None:
    ticks, never = next_ticks(made(spec), AT)
    assert ([tick.clock for tick in ticks], never) == (clocks, "")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"cron": "0 0 30 2 *"}, "never fires"),
        ({"cron": "0 0 1 1 *", "timeZone": "Nowhere/Else"}, "is not in the IANA time zone database"),
        ({"cron": 5}, "does not understand the schedule x"),
        ({"cron": None}, "x"),
    ],
)
def test_why_there_is_none_is_a_sentence(spec: object, why: str) -> None:
    ticks, never = next_ticks(made(spec), AT)
    assert (ticks, why in never) == ([], True)


def test_quiet_hours_are_told() -> None:
    hours = {"start": "02:00", "end": "05:00"}
    template = {"spec": {"image": "i", "flow": {"entrypoint": "a:b"}, "quietHours": hours}}
    ticks, _ = next_ticks(made({"cron": "30 2 * * *", "template": template}), AT)
    assert [(tick.clock, tick.begins) for tick in ticks[:1]] == [("Sun 29 Mar 02:30", "Sun 29 Mar 05:00")]


def made(spec: object) -> dict[str, Any]:
    found = schedule("x", spec=spec)
    found["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    return found
