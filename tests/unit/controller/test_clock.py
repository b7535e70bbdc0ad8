"""Planners have the earlier of two clocks."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from daskflow.controller.clock import WallClock

from tests.simulation import loop

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Machine:
    """Its clock, which somebody sets."""

    def __init__(self) -> None:
        self.wrong = timedelta()

    def now(self) -> datetime:
        return NOW + self.wrong + timedelta(seconds=asyncio.get_running_loop().time())


@pytest.mark.parametrize(
    ("wrong", "planned"),
    [(86400.0, 0.0), (61.0, 0.0), (59.0, 59.0), (0.0, 0.0), (-30.0, -30.0), (-86400.0, -86400.0)],
)
def test_planners_have_the_earlier_of_two_clocks(
    wrong: float, planned: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def life() -> None:
        machine = Machine()
        clock = WallClock(machine.now)
        assert clock.now() == machine.now()
        clock.header("Sun, 01 Mar 2026 00:00:00 GMT")
        await asyncio.sleep(100)
        machine.wrong = timedelta(seconds=wrong)
        for _ in range(3):
            assert clock.now() == NOW + timedelta(seconds=100 + planned)
        assert clock.ahead() == pytest.approx(wrong)
        machine.wrong = timedelta()
        assert clock.now() == NOW + timedelta(seconds=100)

    loop.run(life())
    told = [record.levelno for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == (2 if abs(wrong) > 60 else 0)


def test_a_date_that_is_none_is_not_believed() -> None:
    async def life() -> None:
        clock = WallClock(Machine().now)
        for header in (None, "", "yesterday", "x" * 10_000, "Sun, 99 Mar 2026 00:00:00 GMT"):
            clock.header(header)
        assert clock.ahead() == 0.0

    loop.run(life())
