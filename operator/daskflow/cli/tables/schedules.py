"""Rows of `daskflow schedule list`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.cli.tables.ages import age, since

HEADER = ("NAME", "SCHEDULE", "ZONE", "NEXT", "LAST", "ACTIVE", "LAST-OUTCOME", "AGE", "REASON")


def row(schedule: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """One FlowSchedule."""
    status, spec = schedule.get("status") or {}, schedule["spec"]
    last = since(status.get("lastScheduleTime"), now)
    cells = (
        schedule["metadata"]["name"],
        status.get("schedule") or spec.get("cron") or spec.get("interval") or "",
        status.get("timeZone") or spec.get("timeZone") or "UTC",
        status.get("nextScheduleTime") or "",
        f"{last} ago" if last else "",
        status.get("activeCount") or 0,
        (status.get("lastOutcome") or {}).get("outcome") or "",
        age(schedule, now),
        status.get("reason") or "",
    )
    return tuple(map(str, cells))
