"""Termination messages: at most 4,096 bytes, or the kubelet cuts them in the middle of the JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from .settings import say, text

LIMIT = 4096
OUTCOME_LIMIT = 3800
"""Bytes an outcome may take, so that the scheduler's message, which wraps it, still fits."""
REPORT_LIMIT = 1536
"""Bytes that a report may take, of which a run's status keeps it all."""
CLASSES = 20
"""Of a failure: its own, those within it or behind it, and their bases."""

# Bytes a text may keep, and whether its end matters more than its beginning.
_TEXTS = (
    ("failure", "traceback", 1900, True),
    ("failure", "message", 900, False),
    ("", "message", 500, False),
    ("", "resultNote", 300, False),
    ("failure", "exception", 120, False),
)


def now() -> str:
    """The time as RFC3339 in UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def encode(record: Any) -> bytes:
    """Compact JSON in UTF-8; lone surrogates become question marks."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str).encode(
        "utf-8", "replace"
    )


def cut(value: str, size: int, tail: bool = False) -> str:
    """At most `size` bytes (of UTF-8) of a text, its beginning or its tail, never half a character."""
    data = value.encode("utf-8", "replace")
    if len(data) <= size:
        return data.decode()
    size = max(size - 3, 0)  # the ellipsis takes three
    if tail:
        return "…" + data[len(data) - size :].decode("utf-8", "ignore")
    return data[:size].decode("utf-8", "ignore") + "…"


def fit(outcome: dict[str, Any]) -> dict[str, Any]:
    """A copy of an outcome that takes at most OUTCOME_LIMIT bytes; texts give way first, then the result."""
    share = 1.0
    while True:
        small = dict(outcome)
        failure = small.get("failure")
        if isinstance(failure, dict):
            small["failure"] = failure = dict(failure)
            failure["mro"] = [cut(str(name), 60) for name in list(failure.get("mro") or ())[:CLASSES]]
        for where, name, size, tail in _TEXTS:
            part = failure if where else small
            if isinstance(part, dict) and isinstance(part.get(name), str):
                part[name] = cut(part[name], int(size * share), tail)
        if len(encode(small)) <= OUTCOME_LIMIT:
            return small
        if outcome.get("result") is not None:
            outcome = dict(outcome, result=None, resultNote="The result did not fit into the record.")
        elif share > 0.02:
            share *= 0.7  # escapes make JSON longer than the text: narrow down instead of counting them
        else:
            kept = {name: outcome.get(name) for name in ("v", "role", "outcome", "reason", "begun", "ended")}
            return {name: _small(value) for name, value in kept.items()}


def _small(value: Any) -> Any:
    return cut(value, 64) if isinstance(value, str) else None if value is None else 1


def with_report(record: dict[str, Any], report: dict[str, Any] | None) -> dict[str, Any]:
    """`record` with as much of a report (scheduler/report.py) as it leaves room for.

    A report that is none, of a scheduler that is anybody's code, leaves the record as it is.
    """
    try:
        for part in _narrower(report) if report else ():
            whole = {**record, "report": part}
            if len(encode(part)) <= REPORT_LIMIT and len(encode(whole)) <= LIMIT:
                return whole
    except Exception as error:
        say(f"the report is left out: {error!r}")
    return record


def _narrower(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same with less and less of what can be done without; the timeline has rows of six prefixes."""
    yield report
    yield {**report, "prefixes": report["prefixes"][:6]}
    report = {name: value for name, value in report.items() if name != "timeline"}
    for kept in (6, 3, 0):
        yield {**report, "prefixes": report["prefixes"][:kept]}


def write(record: dict[str, Any]) -> None:
    """Replace this container's termination message. Never raises: there is nobody left to tell.

    The file is a mount of its own, which cannot be renamed over; so it is overwritten first, with spaces for
    what was longer, and shortened after: a process that dies in between leaves a whole message.
    """
    data = encode(record)[:LIMIT]
    try:
        file = os.open(text("TERMINATION_LOG", "/dev/termination-log"), os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.write(file, data.ljust(min(os.fstat(file).st_size, LIMIT)))
            os.ftruncate(file, len(data))
        finally:
            os.close(file)
    except OSError as error:
        say(f"cannot write the termination message: {error}")
