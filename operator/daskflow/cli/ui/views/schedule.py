"""One schedule: when it ticks, what holds it, and its runs."""

from collections.abc import Mapping
from datetime import datetime, timezone

from daskflow.api.names import FLOW_RUN, FLOW_SCHEDULE, LABEL_SCHEDULE
from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import absent, frame, nothing
from daskflow.cli.ui.views.page import Page
from daskflow.cli.ui.views.runs import PAGE, rows_of
from daskflow.cli.ui.views.schedules import about, next_ticks
from daskflow.client.connection import Object

TICKS = 10
"""The next ones."""
SAID = {"suspend": "It starts no run until it is resumed.", "resume": "It goes on."}
"""After an action."""


def schedule_page(source: Source, namespace: str, name: str, query: Mapping[str, str]) -> Page:
    """Its runs are those that have its name on them, also after it has gone."""
    schedule = source.get(FLOW_SCHEDULE, namespace, name)
    runs = [run for run in source.newest(FLOW_RUN) if _of(run, namespace, name)]
    parts = {each: rendered("parts/none.html", id=each) for each in ("actions", "ticks")}
    parts["empty"] = rendered(
        "parts/empty.html",
        sentence=""
        if runs
        else nothing(source.feeds[FLOW_RUN], FLOW_RUN, "There is no run of it, or none any more."),
        example=False,
    )
    code = 200
    if schedule is None:
        parts["summary"], code = absent(source, FLOW_SCHEDULE, "schedule", namespace, name)
    else:
        ticks, never = next_ticks(schedule, datetime.now(timezone.utc), TICKS)
        values = {
            **about(schedule),
            "ticks": ticks,
            "never": never,
            "policy": (schedule.get("spec") or {}).get("concurrencyPolicy") or "Forbid",
            "created": schedule["metadata"].get("creationTimestamp"),
        }
        parts |= {
            each: rendered(f"parts/schedule_{each}.html", **values)
            for each in ("summary", "actions", "ticks")
        }
    values = {
        "name": name,
        "address": f"/schedules/{namespace}/{name}",
        "said": SAID.get(query.get("did", ""), ""),
    }
    return Page("schedule.html", name, frame(source) | parts, {"runs": rows_of(runs[:PAGE])}, values, code)


def _of(run: Object, namespace: str, name: str) -> bool:
    metadata = run["metadata"]
    return metadata["namespace"] == namespace and (metadata.get("labels") or {}).get(LABEL_SCHEDULE) == name
