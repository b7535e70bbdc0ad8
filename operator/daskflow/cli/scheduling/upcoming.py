"""The next ticks of a schedule, and what keeps their runs from beginning at once: pure."""

from datetime import datetime
from typing import Any, NamedTuple

from daskflow.api.conditions import timestamp
from daskflow.calendar.quiet_calendar import ends, local
from daskflow.calendar.wall_clock import ZoneUnknown
from daskflow.cli.scheduling.known import Schedule
from daskflow.cli.tables.ages import elapsed
from daskflow.client.errors import WrongUse
from daskflow.manifests.naming import scheduled_run_name

HEADER = ("TICK", "IN", "RUN")
NOTED = (*HEADER, "BEGINS")


class Tick(NamedTuple):
    """One that is to come."""

    at: datetime
    """In UTC."""
    run: str
    """The name that its run will have."""
    quiet_until: datetime | None
    """When quiet hours are over in which it comes."""


def upcoming(schedule: Schedule, now: datetime, count: int) -> list[Tick]:
    """At most `count` of them, fewer where no more will come; `suspend` is not looked at."""
    found: list[Tick] = []
    at: datetime | None = max(schedule.settled, now.replace(microsecond=0))
    while at is not None and len(found) < count:
        at = schedule.timetable.after(at)
        if at is not None:
            run = scheduled_run_name(schedule.name, schedule.uid, at)
            found.append(Tick(at, run, quiet(schedule, at)))
    return found


def quiet(schedule: Schedule, at: datetime) -> datetime | None:
    """When the quiet hours of its runs are over in which this moment is. Raises WrongUse."""
    hours = schedule.spec.template.spec.quiet_hours
    try:
        return ends(hours, at) if hours else None
    except ZoneUnknown as error:
        raise WrongUse(f"the schedule {schedule.name} makes no runs: {error}") from error


def rows(
    schedule: Schedule, ticks: list[Tick], now: datetime
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and lines of a table."""
    noted = any(tick.quiet_until for tick in ticks)
    return NOTED if noted else HEADER, [
        (
            schedule.local(tick.at),
            elapsed((tick.at - now).total_seconds()),
            tick.run,
            *((_begins(schedule, tick),) if noted else ()),
        )
        for tick in ticks
    ]


def _begins(schedule: Schedule, tick: Tick) -> str:
    hours = schedule.spec.template.spec.quiet_hours
    return f"{local(hours, tick.quiet_until)}, after quiet hours" if hours and tick.quiet_until else "at once"


def values(schedule: Schedule, ticks: list[Tick]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "schedule": schedule.name,
        "timeZone": schedule.spec.time_zone,
        "suspended": schedule.spec.suspend,
        "ticks": [
            {
                "scheduledTime": timestamp(tick.at),
                "localTime": tick.at.astimezone(schedule.zone).isoformat(timespec="seconds"),
                "run": tick.run,
                **({"quietUntil": timestamp(tick.quiet_until)} if tick.quiet_until else {}),
            }
            for tick in ticks
        ],
    }
