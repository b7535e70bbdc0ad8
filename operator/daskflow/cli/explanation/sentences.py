"""Why a run is not running, or why it failed: lines that a person reads once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.wording import one_line
from daskflow.cli.explanation.found import Found
from daskflow.cli.explanation.images import unpulled
from daskflow.cli.explanation.nodes import unplaced
from daskflow.cli.explanation.parts import hidden, joined, limits, unattended, warnings
from daskflow.cli.explanation.pods import pods_in
from daskflow.cli.explanation.remedies import NOT_SEEN, remedy
from daskflow.cli.tables.ages import age, elapsed, since
from daskflow.client.timeline.belonging import family


def explained(found: Found, now: datetime) -> list[str]:
    """All of it, line by line, without control characters."""
    over = found.status.get("phase") in TERMINAL_PHASES
    said = one_line(str(found.status.get("message") or ""))
    concerns = family(found.object, found.pods).concerns
    return joined((
        _headline(found, now),
        _pool(found),
        () if over else unattended(found),
        _attempts(found),
        _failure(found),
        (["The runner's last lines:", *(f"  {line}" for line in found.log)] if found.log else ()),
        () if over else unpulled(found.pods, found.events),
        () if over else unplaced(found.pods, found.nodes),
        pods_in(found, now, said),
        warnings(found, concerns, now, said),
        () if over else limits(found, concerns, said),
        hidden(found),
    ))  # fmt: skip


def _headline(found: Found, now: datetime) -> Iterator[str]:
    metadata, status = found.object["metadata"], found.status
    name, phase, reason = found.name, status.get("phase"), status.get("reason") or ""
    if not phase:
        yield f"{name} was created {age(found.object, now)} ago and nothing has happened since."
        if not found.operators or any(each.ready for each in found.operators):
            yield f"What to do: {NOT_SEEN}"
        return
    when = since(status.get("completionTime") or status.get("startTime"), now)
    because = f", {reason}" if reason else ""
    yield f"{name} is {phase}{because} ({when} ago)." if when else f"{name} is {phase}{because}."
    if status.get("message"):
        yield str(status["message"])
    todo = remedy(reason, f"{name} --namespace {metadata['namespace']}")
    if phase != "Succeeded" and todo:
        yield f"What to do: {todo}"


def _pool(found: Found) -> Iterator[str]:
    """What the pool says of itself that the run waits for."""
    for pool in found.pools:
        if message := (pool.get("status") or {}).get("message"):
            yield f"ClusterPool {pool['metadata']['name']}: {message}"


def _attempts(found: Found) -> Iterator[str]:
    for attempt in found.status.get("attempts") or ():
        begun, flow, end = (attempt.get(key) for key in ("startTime", "flowStartTime", "endTime"))
        said = f"  attempt {attempt.get('number')}: opened {begun}"
        if flow:
            said += f", the flow began after {_between(begun, flow)}"
        elif not end:
            said += ", the flow has not begun"
        if end:
            said += f", ended after {_between(begun, end)}: {attempt.get('outcome')}"
            said += f" ({attempt['reason']})" if attempt.get("reason") else ""
        yield said
        if claim := attempt.get("claim"):
            of = f"ClusterPool {claim['pool']}" if claim.get("pool") else "made ahead of its tick"
            yield f"    {of}: {claim.get('reason')}: {claim.get('message')}"


def _between(start: Any, end: Any) -> str:
    try:
        return elapsed((instant(end) - instant(start)).total_seconds())
    except (TypeError, ValueError):
        return "an unknown time"


def _failure(found: Found) -> Iterator[str]:
    failure = found.status.get("failure") or {}
    if failure.get("exception") or failure.get("traceback"):
        yield f"The flow's last words: {failure.get('exception', '')}: {failure.get('message', '')}"
        yield from (f"  {line}" for line in str(failure.get("traceback") or "").splitlines())
