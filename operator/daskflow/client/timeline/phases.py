"""The spans of a run and of its attempts, as its status tells them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from daskflow.api.reason_columns import Stage
from daskflow.api.reasons import Reason
from daskflow.client.timeline.belonging import Object, attempts_of
from daskflow.client.timeline.model import Row, Span
from daskflow.client.timeline.times import read
from daskflow.client.timeline.told import Told


def run_row(run: Object, begin: datetime, end: datetime | None, tells: Sequence[Told]) -> Row:
    """The run's own; `end` is None of one that goes on, `tells` what Events say of the run itself."""
    name = str(run["metadata"]["name"])
    status: Mapping[str, Any] = run["status"] if isinstance(run.get("status"), Mapping) else {}
    spans: list[Span] = []

    def add(phase: str, since: datetime, until: datetime | None, reason: str = "") -> datetime:
        until = until if until is None else max(since, until)
        if until is None or until > since:
            spans.append(Span(name, "run", phase, since, until, reason or _why(tells, since, until)))
        return until or since

    at, attempts = begin, attempts_of(run)
    before: Object = {}
    for attempt, closed in zip(attempts, _ends(attempts, begin, end), strict=True):
        opened = read(attempt.get("startTime")) or at
        if earlier := _earlier(attempt) if not before else 0:
            at = add("Earlier", at, opened, f"{earlier} attempts before")
        else:
            at = add(_between(before), at, opened, _reason(before))
        flow = read(attempt.get("flowStartTime"))
        at = add("Starting", max(at, opened), flow or closed)
        if flow and (closed is None or closed > flow):
            at = add("Running", max(at, flow), closed, _reason(attempt) if closed else "")
        before = attempt
    said = str(status.get("reason") or "")
    if end is not None:
        if before.get("outcome") != status.get("phase"):
            add(_between(before), at, end, _reason(before))
    elif attempts and not read(before.get("endTime")):
        spans[-1:] = [spans[-1]._replace(reason=said or spans[-1].reason)] if spans else []
    else:
        add(str(status.get("phase") or "Pending"), at, None, said)
    return Row("run", name, name, 0, tuple(spans))


def _ends(attempts: Sequence[Object], begin: datetime, end: datetime | None) -> list[datetime | None]:
    """When each ended: one that was never closed did when the next was opened, or with the run."""
    opened = [read(each.get("startTime")) for each in attempts]
    ends: list[datetime | None] = []
    for index, each in enumerate(attempts):
        last = index + 1 == len(attempts)
        ends.append(
            read(each.get("endTime")) or (end if last else opened[index + 1] or opened[index] or begin)
        )
    return ends


def _earlier(attempt: Object) -> int:
    """How many attempts there were before the first that is kept."""
    number = attempt.get("number")
    return number - 1 if isinstance(number, int) and number > 1 else 0


def _between(before: Object) -> str:
    """What a run is before its first attempt, and from one to the next."""
    if not before:
        return "Pending"
    return "Suspended" if before.get("outcome") == "Suspended" else "Retrying"


def _reason(attempt: Object) -> str:
    """Why an attempt ended; "" where its outcome says so already."""
    reason = str(attempt.get("reason") or "")
    return "" if attempt.get("outcome") in ("Succeeded", reason) else reason


def _why(tells: Sequence[Told], since: datetime, until: datetime | None) -> str:
    """What was in the way last, of all that was told meanwhile."""
    for each in reversed(tells):
        reason = Reason.of(each.reason)
        waits = reason is not None and reason.stage not in (Stage.WELL, Stage.DONE, Stage.END)
        if waits and since <= each.at and (until is None or each.at < until):
            return each.reason
    return ""


def attempt_rows(run: Object, begin: datetime, end: datetime | None) -> Iterator[Row]:
    """A row for each attempt that the status has."""
    attempts = attempts_of(run)
    for attempt, closed in zip(attempts, _ends(attempts, begin, end), strict=True):
        number = attempt["number"] if isinstance(attempt.get("number"), int) else 0
        opened = read(attempt.get("startTime"))
        name = f"attempt {number}"
        span = opened and Span(
            name,
            "attempt",
            str(attempt.get("outcome") or "Open"),
            opened,
            closed if closed is None else max(opened, closed),
            _reason(attempt),
        )
        yield Row("attempt", name, name, number, (span,) if span else ())
