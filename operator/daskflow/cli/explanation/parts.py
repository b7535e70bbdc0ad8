"""Parts of an explanation that runs, clusters and schedules have in common."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from daskflow import __version__
from daskflow.api.wording import one_line
from daskflow.cli.checks import of_operators
from daskflow.cli.explanation.found import Found, Object
from daskflow.cli.explanation.quotas import full, refused
from daskflow.cli.tables.ages import since
from daskflow.client.timeline.belonging import harmless

MOST_EVENTS = 10
_LETTERS = 320
"""Of an Event's message: what registries say comes several times in other words."""


def joined(parts: Iterable[Iterable[str]]) -> list[str]:
    """Paragraphs, an empty line between them, without control characters."""
    lines: list[str] = []
    for part in map(list, parts):
        lines += ([""] if lines and part else []) + [_safe(line) for line in part]
    return lines


def _safe(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    return indent + one_line(line[len(indent) :])


def unattended(found: Found) -> Iterator[str]:
    """That no operator is at work, if that is so."""
    if found.operators is None:
        return
    namespace = found.object["metadata"]["namespace"]
    here = [each for each in found.operators if namespace in (each.watched or (namespace,))]
    if found.operators and not here:
        where = ", ".join(f"{each.namespace} ({', '.join(each.watched)})" for each in found.operators)
        yield f"No operator looks after namespace {namespace}, only after those in brackets: {where}."
        yield "What to do: Have this namespace added to the chart's value `namespaces`, or use one of those."
        return
    lines = of_operators(here, __version__)
    if not any(line.well for line in lines):
        for line in lines:
            yield f"No operator is at work: {line.what}."
            yield f"What to do: {line.remedy}"


def warnings(
    found: Found, concerns: Callable[[Object], bool], now: datetime, said: str = ""
) -> Iterator[str]:
    """The last ones; what is said of several pods in the same words comes once, what was `said` never."""
    told: dict[tuple[Any, Any], list[Object]] = {}
    for event in sorted(found.events, key=_time):
        words = one_line(str(event.get("message") or "")).rstrip(".")
        if event.get("type") == "Warning" and concerns(event) and words not in said and not harmless(event):
            told.setdefault((event.get("reason"), event.get("message")), []).append(event)
    if told:
        yield "Warnings:"
    for (reason, message), events in list(told.items())[-MOST_EVENTS:]:
        count = max(event.get("count") or 1 for event in events)
        times = f", {count} times" if count > 1 else ""
        what = "{kind} {name}".format_map({"kind": "", **events[-1]["involvedObject"]}).strip()
        others = len({event["involvedObject"].get("name") for event in events}) - 1
        what += f" and {others} more" if others else ""
        cut = str(message) if len(str(message)) <= _LETTERS else f"{str(message)[: _LETTERS - 1]}…"
        yield f"  {since(_time(events[-1]), now)} ago{times}, {what}: {reason}: {cut}"


def _time(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"])


def limits(found: Found, concerns: Callable[[Object], bool], said: str) -> Iterator[str]:
    """What quotas have refused, as its message and Events tell, and which of them are nearly used up."""
    told = [said, *(str(event.get("message")) for event in found.events if concerns(event))]
    lines = list(dict.fromkeys(line for message in told for line in refused(message)))
    yield from lines
    for quota in found.quotas:
        if not any(f"ResourceQuota {quota['metadata']['name']} " in line for line in lines):
            yield from full(quota)


def hidden(found: Found) -> Iterator[str]:
    """What could not be looked at."""
    return (f"You may not look at {each}." for each in found.hidden)
