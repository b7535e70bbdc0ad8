"""The spans of a pod: of the object, or of the Events that a pod leaves behind which is gone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from daskflow.api.names import LABEL_COMPONENT
from daskflow.client.timeline.belonging import Object
from daskflow.client.timeline.model import Span
from daskflow.client.timeline.times import read
from daskflow.client.timeline.told import Told


def spans_of(pod: Object) -> tuple[Span, ...]:
    """Of a pod that is there; what it runs is the container of its component."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    state = _state(pod)
    waiting, running, ended = (state.get(key) or {} for key in ("waiting", "running", "terminated"))
    placed = _placed(status)
    started = read(running.get("startedAt")) or read(ended.get("startedAt"))
    over = read(ended.get("finishedAt"))
    if over is None and status.get("phase") in ("Succeeded", "Failed"):
        over = _changed(status, "Ready") or started or placed
    unplaced = next((each for each in _conditions(status) if each.get("type") == "PodScheduled"), {})
    why = str(ended.get("reason") or status.get("reason") or "")
    return tuple(
        _chain(
            str(metadata["name"]),
            read(metadata.get("creationTimestamp")),
            placed,
            started,
            over,
            (
                str(unplaced.get("reason") or "") if placed is None else "",
                str(waiting.get("reason") or "").replace("ContainerCreating", ""),
                why if why != "Completed" else "",
            ),
        )
    )


def spans_from(name: str, tells: Sequence[Told], gone: datetime | None) -> tuple[Span, ...]:
    """Of a pod that is gone, or may not be seen; `gone`: when at the latest, None if nobody knows."""
    at: dict[str, Told] = {}
    for each in tells:
        at.setdefault(each.reason, each)
    if not tells:
        return ()
    placed, started = (at[key].at if key in at else None for key in ("Scheduled", "Started"))
    ends = [each.at for each in tells if each.reason in ("Killing", "Evicted", "Preempted")]
    over = min(ends) if ends else gone
    last = next((each for each in reversed(tells) if each.warning), None)
    why = last.reason if last else ""
    waits = ("", "", why) if started else ("", why, "") if placed else (why, "", "")
    # Others' Events have whole seconds, so that they seem to come before it was given its node.
    created = placed if placed and "FailedScheduling" not in at else tells[0].at
    return tuple(_chain(name, created, placed, started, over, waits))


def _chain(
    name: str,
    created: datetime | None,
    placed: datetime | None,
    started: datetime | None,
    over: datetime | None,
    reasons: tuple[str, str, str],
) -> Iterator[Span]:
    """One after the other, each up to the next that is known; what has taken no time is left out."""
    if created is None:
        return
    begins = [
        (phase, at, reason)
        for (phase, at), reason in zip(
            (("Unscheduled", created), ("Starting", placed), ("Running", started)), reasons, strict=True
        )
        if at is not None
    ]
    since = created
    for index, (phase, at, reason) in enumerate(begins):
        since = max(since, at)
        last = index + 1 == len(begins)
        until = over if last else begins[index + 1][1]
        until = until if until is None else max(since, until)
        if until is None or until > since or (last and phase == "Running"):
            yield Span(name, "pod", phase, since, until, reason)


def _state(pod: Object) -> Mapping[str, Any]:
    component = (pod["metadata"].get("labels") or {}).get(LABEL_COMPONENT)
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    own = [each for each in statuses if each.get("name") == component] or list(statuses)
    found = (own[0].get("state") if own else None) or {}
    return found if isinstance(found, Mapping) else {}


def _placed(status: Object) -> datetime | None:
    return _changed(status, "PodScheduled") if _holds(status, "PodScheduled") else None


def _holds(status: Object, kind: str) -> bool:
    return any(each.get("type") == kind and each.get("status") == "True" for each in _conditions(status))


def _changed(status: Object, kind: str) -> datetime | None:
    at = (read(each.get("lastTransitionTime")) for each in _conditions(status) if each.get("type") == kind)
    return next(at, None)


def _conditions(status: Object) -> Sequence[Mapping[str, Any]]:
    return status.get("conditions") or ()
