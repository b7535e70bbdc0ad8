"""Scenarios with schedules. The world begins at midnight of 1 January 2026, a Thursday."""

from collections.abc import Mapping
from typing import Any

from tests.simulation.actions.operator import absent, jump
from tests.simulation.actions.user import change, delete
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario

FOUR = {"cron": "1-4 0 1 1 *", "concurrencyPolicy": "Allow", "catchUp": "All"}
"""At 00:01, 00:02, 00:03 and 00:04, and then not for a year."""
TICKS = (1, 2, 3, 4)
HOURLY = {"cron": "0 * 1-2 1 *", "concurrencyPolicy": "Allow"}
TEN_MINUTES: dict[str, Any] = {"cron": "*/10 0-2 1 1 *", "concurrencyPolicy": "Allow", "catchUp": "All"}
EVERY_TEN = tuple(range(10, 180, 10))
DAYS = 2 * 86400.0
BUSY = ({"seconds": 75},)
"""A flow that lasts longer than from one tick to the next."""


def down_for_days(what: str, spec: Mapping[str, Any], **expected: Any) -> ScheduleScenario:
    """An hourly schedule whose operator is soon away for DAYS; `spec` is laid over HOURLY."""
    return ScheduleScenario(
        f"operator down for days, {what}",
        ("Scheduled",),
        {**HOURLY, **spec},
        actions=((30.0, absent(DAYS)),),
        quiet=DAYS + 30,
        swift=DAYS + 300,
        seconds=DAYS + 900,
        **expected,
    )


SCHEDULES = (
    ScheduleScenario(
        "schedule",
        ("Scheduled",),
        FOUR,
        ticks=TICKS,
        exact=True,
        punctual=True,
        quiet=240,
        swift=400,
        seconds=1200,
    ),
    ScheduleScenario(
        "schedule, one run after the other",
        ("Scheduled",),
        {**FOUR, "concurrencyPolicy": "Forbid"},
        flows=BUSY,
        ticks=TICKS,
        exact=True,
        quiet=240,
        swift=700,
        seconds=1600,
    ),
    ScheduleScenario(
        "schedule forbids two runs at once",
        ("Scheduled",),
        {**FOUR, "concurrencyPolicy": "Forbid", "catchUp": "Last"},
        flows=({"seconds": 90},),
        ticks=(1, 2, 4),
        others=(3,),
        quiet=240,
        swift=600,
        seconds=1600,
    ),
    ScheduleScenario(
        "schedule replaces",
        ("Scheduled",),
        {**FOUR, "concurrencyPolicy": "Replace", "catchUp": "Last", "startingDeadline": "40s"},
        flows=({"seconds": 100},),
        ticks=TICKS,
        quiet=240,
        swift=700,
        seconds=1600,
    ),
    ScheduleScenario(
        "schedule keeps one run",
        ("Scheduled",),
        {**FOUR, "history": {"succeeded": 1}},
        ticks=TICKS,
        exact=True,
        kept=1,
        quiet=240,
        swift=400,
        seconds=1200,
    ),
    ScheduleScenario(
        "schedule whose runs wait for the end of quiet hours",
        ("Scheduled",),
        {**FOUR, "concurrencyPolicy": "Forbid", "quietHours": {"start": "23:00", "end": "00:03"}},
        ticks=TICKS,
        exact=True,
        quiet=240,
        swift=500,
        seconds=1600,
    ),
    ScheduleScenario(
        "schedule is suspended for a while",
        ("Scheduled",),
        {**FOUR, "catchUp": "Last"},
        actions=((70.0, change(suspend=True)), (200.0, change(suspend=False))),
        ticks=(1, 3, 4),
        others=(2,),
        quiet=240,
        swift=400,
        seconds=1200,
    ),
    ScheduleScenario(
        "schedule is changed",
        ("Scheduled",),
        {**FOUR, "cron": "1,3 0 1 1 *"},
        # Far enough for a change that is heard of late, since its event was dropped.
        actions=((200.0, change(cron="2,9 0 1 1 *")),),
        ticks=(1, 3, 9),
        quiet=540,
        swift=700,
        seconds=1200,
    ),
    ScheduleScenario("schedule is deleted", (), FOUR, flows=BUSY, actions=((130.0, delete),), quiet=130),
    ScheduleScenario(
        "two schedules",
        ("Scheduled",),
        FOUR,
        runs=2,
        ticks=TICKS,
        exact=True,
        cheap=True,
        quiet=240,
        swift=400,
        seconds=1200,
        core=True,
    ),
    down_for_days("the last tick", {"catchUp": "Last"}, ticks=(47 * 60,)),
    down_for_days(
        "all ticks", {"catchUp": "All"}, ticks=tuple(range(60, 48 * 60, 60)), exact=True, cheap=True
    ),
    down_for_days("none", {"catchUp": "None"}, ticks=()),
    down_for_days(
        "more than a hundred ticks",
        {"cron": "*/10 * 1-2 1 *", "catchUp": "All"},
        ticks=tuple(range(48 * 60 - 100 * 10, 48 * 60, 10)),
        cheap=True,
        condition="CatchUpCut",
    ),
    ScheduleScenario(
        "clock put forward",
        ("Scheduled",),
        TEN_MINUTES,
        actions=((95.0, jump(3600.0)),),
        ticks=EVERY_TEN,
        exact=True,
        cheap=True,
        punctual=True,
        quiet=10800,
        swift=11500,
        seconds=12500,
    ),
    ScheduleScenario(
        "clock put back",
        ("Scheduled",),
        TEN_MINUTES,
        actions=((5430.0, jump(-3600.0)),),
        ticks=EVERY_TEN,
        exact=True,
        cheap=True,
        punctual=True,
        quiet=10800 + 3600,
        swift=15000,
        seconds=15500,
    ),
    ScheduleScenario(
        "clock put forward by mistake",
        ("Scheduled",),
        TEN_MINUTES,
        actions=((1830.0, jump(3600.0)), (2030.0, jump(-3600.0))),
        ticks=EVERY_TEN,
        exact=True,
        cheap=True,
        punctual=True,
        quiet=10800,
        swift=11500,
        seconds=12500,
    ),
)
