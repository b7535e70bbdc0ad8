"""The list of schedules: the ticks to come."""

from datetime import UTC, datetime

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
        ({"cron": "0 0 30 2 *"}, []),
        ({"cron": "0 0 1 1 *", "timeZone": "Nowhere/Else"}, []),
        ({"cron": 5}, []),
    ],
)
def test_the_next_ticks_are_told_by_the_zones_clocks(spec: object, clocks: list[str]) -> None:
    assert [clock for _, clock in next_ticks(schedule("x", spec=spec), AT)] == clocks
