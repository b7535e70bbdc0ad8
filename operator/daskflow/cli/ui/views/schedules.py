"""The list of FlowSchedules."""

from collections.abc import Mapping
from datetime import datetime, timezone

from markupsafe import Markup
from pydantic import ValidationError

from daskflow.api.conditions import timestamp
from daskflow.api.flowschedule import spec_of, status_of
from daskflow.api.names import FLOW_SCHEDULE
from daskflow.calendar.timetable import TimetableInvalid, timetable_of
from daskflow.calendar.wall_clock import ZoneUnknown, shown, time_zone
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import frame, nothing
from daskflow.cli.ui.views.page import Page
from daskflow.client.connection import Object

MOST = 200
TICKS = 3
"""The next ones."""


def schedules_page(source: Source, query: Mapping[str, str]) -> Page:
    """All of them, by name."""
    found = sorted(source.newest(FLOW_SCHEDULE), key=_id)
    shown = found[:MOST]
    sentence = nothing(source.feeds[FLOW_SCHEDULE], FLOW_SCHEDULE) if not shown else ""
    if len(found) > MOST:
        sentence = f"The first {MOST} of {len(found)} are shown."
    parts = {"empty": rendered("parts/empty.html", sentence=sentence, example=False)}
    return Page(
        "schedules.html",
        "Schedules",
        frame(source) | parts,
        {"schedules": {_id(each): _row(each) for each in shown}},
    )


def _row(schedule: Object) -> Markup:
    metadata, spec, status = schedule["metadata"], schedule.get("spec") or {}, status_of(schedule)
    return rendered(
        "parts/schedule_row.html",
        id=_id(schedule),
        namespace=metadata["namespace"],
        name=metadata["name"],
        clock=status.schedule or spec.get("cron") or spec.get("interval") or "",
        zone=status.time_zone or spec.get("timeZone") or "UTC",
        suspended=bool(spec.get("suspend")),
        status=status,
        ticks=() if spec.get("suspend") else next_ticks(schedule, datetime.now(timezone.utc)),
    )


def next_ticks(schedule: Object, now: datetime) -> list[tuple[str, str]]:
    """Moment, and what clocks of its zone show then; none where the timetable cannot be understood."""
    found: list[datetime] = []
    try:
        spec = spec_of(schedule)
        timetable, zone = timetable_of(spec), time_zone(spec.time_zone)
        tick = timetable.after(now)
        while tick is not None and len(found) < TICKS:
            found.append(tick)
            tick = timetable.after(tick)
    except (ValidationError, TimetableInvalid, ZoneUnknown, ValueError, OverflowError):
        return []
    clock = "%a %d %b %H:%M:%S" if any(tick.second for tick in found) else "%a %d %b %H:%M"
    return [(timestamp(tick), shown(tick, zone).strftime(clock)) for tick in found]


def _id(schedule: Object) -> str:
    return f"schedule/{schedule['metadata']['namespace']}/{schedule['metadata']['name']}"
