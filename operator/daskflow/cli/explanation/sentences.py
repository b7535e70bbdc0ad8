"""Why a run is not running, or why it failed: lines that a person reads once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daskflow.api.conditions import instant
from daskflow.api.quantities import quantity
from daskflow.api.wording import one_line
from daskflow.cli.explanation.remedies import NOT_SEEN, remedy
from daskflow.cli.tables import pods as pods_table
from daskflow.cli.tables.ages import age, elapsed, since

Object = Mapping[str, Any]
MOST_EVENTS = 10
MOST_PODS = 12


@dataclass(frozen=True)
class Found:
    """All that was found around a run; empty where the user may not look."""

    run: Object
    pods: Sequence[Object] = ()
    events: Sequence[Object] = ()
    """Of the namespace."""
    quotas: Sequence[Object] = ()
    nodes: Sequence[Object] = ()
    log: Sequence[str] = ()
    """The runner's last lines."""
    hidden: Sequence[str] = ()
    """What the user may not look at."""


def explained(found: Found, now: datetime) -> list[str]:
    """All of it, line by line, without control characters."""
    parts = (
        _headline(found.run, now),
        _attempts(found.run),
        _failure(found.run),
        _log(found),
        _pods(found, now),
        _events(found, now),
        _limits(found),
        [f"You may not look at {each}." for each in found.hidden],
    )
    lines: list[str] = []
    for part in map(list, parts):
        lines += ([""] if lines and part else []) + [_safe(line) for line in part]
    return lines


def _safe(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    return indent + one_line(line[len(indent) :])


def _headline(run: Object, now: datetime) -> Iterator[str]:
    metadata, status = run["metadata"], run.get("status") or {}
    name, phase, reason = metadata["name"], status.get("phase"), status.get("reason") or ""
    if not phase:
        yield f"{name} was created {age(run, now)} ago and nothing has happened since."
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


def _attempts(run: Object) -> Iterator[str]:
    for attempt in (run.get("status") or {}).get("attempts") or ():
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


def _between(start: Any, end: Any) -> str:
    try:
        return elapsed((instant(end) - instant(start)).total_seconds())
    except (TypeError, ValueError):
        return "an unknown time"


def _failure(run: Object) -> Iterator[str]:
    failure = (run.get("status") or {}).get("failure") or {}
    if failure.get("exception") or failure.get("traceback"):
        yield f"The flow's last words: {failure.get('exception', '')}: {failure.get('message', '')}"
        yield from (f"  {line}" for line in str(failure.get("traceback") or "").splitlines())


def _log(found: Found) -> Iterator[str]:
    if found.log:
        yield "The runner's last lines:"
        yield from (f"  {line}" for line in found.log)


def _pods(found: Found, now: datetime) -> Iterator[str]:
    if not found.pods:
        return
    yield "Pods:"
    nodes = {node["metadata"]["name"]: node for node in found.nodes}
    for pod in found.pods[:MOST_PODS]:
        name, _, state, node, old = pods_table.row(pod, now)
        yield f"  {name}: {state}, node {node}, {old} old"
        yield from (f"    {why}" for why in _why(pod))
        if node in nodes and not _ready(nodes[node]):
            yield f"    node {node} is not ready"
    if len(found.pods) > MOST_PODS:
        yield f"  and {len(found.pods) - MOST_PODS} more"


def _why(pod: Object) -> Iterator[str]:
    """What Kubernetes says about a pod that does not run."""
    status = pod.get("status") or {}
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("message"):
            yield f"{container['name']}: {waiting['message']}"
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] != "True" and condition.get("message"):
            yield str(condition["message"])


def _ready(node: Object) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _events(found: Found, now: datetime) -> Iterator[str]:
    name = found.run["metadata"]["name"]
    about = {name, *(pod["metadata"]["name"] for pod in found.pods)}
    warnings = [
        event
        for event in found.events
        if event.get("type") == "Warning"
        and _concerns((event.get("involvedObject") or {}).get("name"), about, name)
    ]
    if warnings:
        yield "Warnings:"
    for event in sorted(warnings, key=_time)[-MOST_EVENTS:]:
        times = f", {event['count']} times" if (event.get("count") or 1) > 1 else ""
        ago = since(_time(event), now)
        what = "{kind} {name}".format_map({"kind": "", **event["involvedObject"]}).strip()
        yield f"  {ago} ago{times}, {what}: {event.get('reason')}: {event.get('message')}"


def _concerns(what: str | None, about: Iterable[str], run: str) -> bool:
    """Whether an object is the run, its cluster or one of its pods, which may be gone."""
    return what is not None and (what in about or what.startswith(f"{run}-"))


def _time(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"])


def _limits(found: Found) -> Iterator[str]:
    for quota in found.quotas:
        yield from full(quota)


def full(quota: Object) -> list[str]:
    """A line for each resource of a ResourceQuota of which nine tenths are used."""
    status = quota.get("status") or {}
    used, lines = status.get("used") or {}, []
    for what, hard in (status.get("hard") or {}).items():
        try:
            near = quantity(used.get(what, 0)) >= quantity(hard) * 9 / 10
        except ValueError:
            continue
        if near:
            name = quota["metadata"]["name"]
            lines.append(f"The ResourceQuota {name} is nearly used up: {what} {used.get(what, 0)} of {hard}.")
    return lines
