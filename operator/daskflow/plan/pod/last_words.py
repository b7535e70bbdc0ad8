"""What the runtime writes as its last words, as far as decisions rest on it.

The pods belong to users: whatever is there may have been written by anybody. A report that is not of this
shape, or that the API server would not take into a status, counts as none at all. Where time and memory went
is told beside it: nothing that is wrong with that has any consequence for the rest, and neither has a field
that is nested too deeply.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from daskflow.api.conditions import instant
from daskflow.api.flowrun_report import report_of
from daskflow.api.model import Json, Model, deeper
from daskflow.api.names import RUNNER, SCHEDULER, WORKER
from daskflow.api.wording import one_line

REPORT_VERSION = 1
MAX_DEPTH = 60
"""Of a field; the runtime gives up at 50, and serializing at some hundreds."""
TOO_DEEP = f"The result is nested more than {MAX_DEPTH} levels deep."
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_SENTENCES = ("reason", "message", "resultNote")
_DIGITS = 20
"""Of the longest integers of 64 bits, with their sign."""


def _with_offset(text: str) -> str:
    if instant(text).tzinfo is None:
        raise ValueError("a time without an offset from UTC")
    return text


_Time = Annotated[str, Field(max_length=40), AfterValidator(_with_offset)]
_ExitCode = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class _Failure(Model):
    exception: str = ""
    message: str = ""
    traceback: str = ""
    bases: tuple[str, ...] | None = Field(None, alias="mro")


class _Outcome(Model):
    """How the flow ended: all of the runner's report, and a part of the scheduler's."""

    outcome: Literal["Succeeded", "Failed"] | None = None
    reason: str | None = None
    message: str | None = None
    begun: _Time | None = None
    result: Json = None
    result_note: str | None = None
    failure: _Failure | None = None
    exit_code: _ExitCode | None = None


class _SchedulerReport(Model):
    outcome: _Outcome | None = None
    begun: _Time | None = None
    reason: str | None = None


class _WorkerReport(Model):
    reason: str | None = None


_SHAPES: Mapping[str, type[Model]] = {
    RUNNER: _Outcome,
    SCHEDULER: _SchedulerReport,
    WORKER: _WorkerReport,
}


def parsed(message: object, component: str) -> Mapping[str, Any] | None:
    """The report in a termination message of this component's container, or None.

    Of a runner and a scheduler `report` is an `api.flowrun_report.Report`, where there is one.
    """
    shape = _SHAPES.get(component)
    if shape is None or not isinstance(message, str):
        return None
    try:
        report = json.loads(_cut_below(message, MAX_DEPTH + 4), parse_int=_exact)
        if not isinstance(report, dict) or report.get("v") != REPORT_VERSION:
            return None
        report = _shallow(report)
        used = report_of(report.pop("report", None))
        if report.get("role") != component:
            return None
        shape.model_validate(report)
        # Half a surrogate pair is no text, and what is beyond all bounds no number.
        json.dumps(report, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError, ValidationError):
        return None
    return _legible(report if used is None else {**report, "report": used})


def _legible(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same with what is for people in one line; results and tracebacks stay as they are."""
    said = {name: one_line(report[name]) for name in _SENTENCES if isinstance(report.get(name), str)}
    outcome = report.get("outcome")
    return {**report, **said, **({"outcome": _legible(outcome)} if isinstance(outcome, dict) else {})}


def _exact(text: str) -> int | str:
    """Integers beyond 64 bits as text: the API server would make doubles of them."""
    value = int(text) if len(text) <= _DIGITS else 2**63
    return value if -(2**63) <= value < 2**63 else text


def _cut_below(message: str, levels: int) -> str:
    """The JSON with null for each container that lies deeper: reading recurses, for a thousand levels."""
    if message.count("[") + message.count("{") <= levels:
        return message
    kept, start, depth = [], 0, 0
    for found in _TEXT_OR_BRACKET.finditer(message):
        if found[0] in ("[", "{"):
            depth += 1
            if depth == levels + 1:
                kept.append(message[start : found.start()] + "null")
        elif found[0] in ("]", "}"):
            if depth == levels + 1:
                start = found.end()
            depth -= 1
    return "".join(kept) + message[start:]


def _shallow(report: Mapping[str, Any]) -> dict[str, Any]:
    """The same without fields that are nested too deeply; that a result is missing is noted."""
    flat = {name: value for name, value in report.items() if not deeper(value, MAX_DEPTH)}
    if isinstance(outcome := report.get("outcome"), dict):
        flat["outcome"] = _shallow(outcome)
    return flat if "result" in flat or "result" not in report else {**flat, "resultNote": TOO_DEEP}
