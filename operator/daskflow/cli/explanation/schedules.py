"""Why a FlowSchedule has made no run, or what became of those it made."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.names import FLOW_SCHEDULE
from daskflow.api.reasons import Reason
from daskflow.cli.explanation.found import Found, Object
from daskflow.cli.explanation.parts import hidden, joined, unattended, warnings
from daskflow.cli.explanation.remedies import NOT_SEEN
from daskflow.cli.tables.ages import age, elapsed, since

MOST_RUNS = 5


def schedule_explained(found: Found, now: datetime) -> list[str]:
    """All of it, line by line, without control characters."""

    def concerns(event: Object) -> bool:
        about = event.get("involvedObject") or {}
        return about.get("kind") == FLOW_SCHEDULE and about.get("name") == found.name

    ticks = (*_ticks(found, now), *_ahead(found))
    parts = (_headline(found, now), unattended(found), ticks, _runs(found, now))
    return joined((*parts, warnings(found, concerns, now), hidden(found)))


def _headline(found: Found, now: datetime) -> Iterator[str]:
    metadata, spec, status = found.object["metadata"], found.object.get("spec") or {}, found.status
    reason = str(status.get("reason") or "")
    if status.get("observedGeneration") is None:
        yield f"{found.name} was created {age(found.object, now)} ago and nothing has happened since."
        if not found.operators or any(each.ready for each in found.operators):
            yield f"What to do: {NOT_SEEN}"
        return
    ticks = status.get("schedule") or spec.get("cron") or spec.get("interval")
    zone = status.get("timeZone") or spec.get("timeZone") or "UTC"
    because = f", {reason}" if reason and not spec.get("suspend") else ""
    how = "suspended" if spec.get("suspend") else "on"
    yield f"The FlowSchedule {found.name} ({ticks}, {zone}) is {how}{because}."
    if status.get("message"):
        yield str(status["message"])
    where = f"{found.name} --namespace {metadata['namespace']}"
    known = Reason.of(reason)
    if spec.get("suspend"):
        yield f"What to do: Let it go on: daskflow schedule resume {where}"
    elif reason == Reason.WAITING_FOR_RUN:
        yield "What to do: Wait, cancel that run, or set spec.concurrencyPolicy to Allow or Replace."
    elif known and known.remedy:
        yield f"What to do: {known.remedy.replace('`', '')}"


def _ticks(found: Found, now: datetime) -> Iterator[str]:
    status = found.status
    if last := since(status.get("lastScheduleTime"), now):
        yield f"  last run: of {status['lastScheduleTime']}, {last} ago"
    else:
        yield "  last run: none yet"
    if coming := status.get("nextScheduleTime"):
        yield f"  next tick: {coming}{_within(coming, now)}"
    if missed := status.get("missed"):
        yield f"  passed over: {missed} ticks; spec.catchUp and spec.startingDeadline say what may start late"
    if outcome := status.get("lastOutcome"):
        because = f" ({outcome['reason']})" if outcome.get("reason") else ""
        yield f"  last outcome: {outcome.get('run')} {str(outcome.get('outcome')).lower()}{because}"


def _ahead(found: Found) -> Iterator[str]:
    for each in found.clusters:
        status = each.get("status") or {}
        because = f" ({status['reason']}: {status.get('message')})" if status.get("reason") else ""
        yield f"  made ahead: {each['metadata']['name']}, {status.get('phase') or 'Pending'}{because}"


def _within(text: Any, now: datetime) -> str:
    try:
        seconds = (instant(text) - now).total_seconds()
    except (TypeError, ValueError):
        return ""
    return f", in {elapsed(seconds)}" if seconds >= 0 else f", {elapsed(-seconds)} ago: it is late"


def _runs(found: Found, now: datetime) -> Iterator[str]:
    runs = sorted(found.runs, key=lambda run: str(run["metadata"].get("creationTimestamp")), reverse=True)
    if runs:
        yield "Its newest runs:"
    for run in runs[:MOST_RUNS]:
        status = run.get("status") or {}
        because = f" ({status['reason']})" if status.get("reason") else ""
        name = run["metadata"]["name"]
        yield f"  {name}: {status.get('phase') or 'Pending'}{because}, {age(run, now)} old"
        if status.get("phase") == "Failed":
            yield f"    why: daskflow explain {name} --namespace {run['metadata']['namespace']}"
