"""The list of FlowSchedules."""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from markupsafe import Markup

from daskflow.api.conditions import timestamp
from daskflow.api.flowschedule import status_of
from daskflow.api.names import FLOW_SCHEDULE
from daskflow.calendar.wall_clock import shown
from daskflow.cli.scheduling.known import understood
from daskflow.cli.scheduling.upcoming import upcoming
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Key, Source
from daskflow.cli.ui.views.listing import listing
from daskflow.cli.ui.views.page import Page
from daskflow.client.connection import Object
from daskflow.client.errors import WrongUse

TICKS = 3
"""The next ones."""


def schedules_page(source: Source, query: Mapping[str, str]) -> Page:
    """All of them, by name."""
    found = sorted(source.newest(FLOW_SCHEDULE), key=_key)
    return listing(source, FLOW_SCHEDULE, "schedule", found, _row, first="first")


def _row(schedule: Object, row: str) -> Markup:
    ticks, never = next_ticks(schedule, datetime.now(timezone.utc))
    return rendered("parts/schedule_row.html", id=row, ticks=ticks, never=never, **about(schedule))


def about(schedule: Object) -> dict[str, Any]:
    """What a row and the page of a schedule tell of it."""
    metadata, spec, status = schedule["metadata"], schedule.get("spec") or {}, status_of(schedule)
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "clock": status.schedule or spec.get("cron") or spec.get("interval") or "",
        "zone": status.time_zone or spec.get("timeZone") or "UTC",
        "suspended": bool(spec.get("suspend")),
        "status": status,
    }


class Next(NamedTuple):
    """A tick that is to come."""

    moment: str
    """As Kubernetes writes times."""
    clock: str
    """What clocks of the schedule's zone show then."""
    begins: str
    """What they show when its run may begin, if quiet hours keep it waiting."""


def next_ticks(schedule: Object, now: datetime, count: int = TICKS) -> tuple[list[Next], str]:
    """The first of them; or none, and why."""
    try:
        found = understood(schedule)
        ticks = upcoming(found, now, count)
    except (WrongUse, KeyError, ValueError, OverflowError) as error:
        return [], str(error)
    form = "%a %d %b %H:%M:%S" if any(tick.at.second for tick in ticks) else "%a %d %b %H:%M"

    def clock(at: datetime) -> str:
        return shown(at, found.zone).strftime(form)

    return [
        Next(timestamp(tick.at), clock(tick.at), clock(tick.quiet_until) if tick.quiet_until else "")
        for tick in ticks
    ], ""


def _key(schedule: Object) -> Key:
    return schedule["metadata"]["namespace"], schedule["metadata"]["name"]
