"""Pods, and what Kubernetes and they themselves say of why they do not run."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from daskflow.api.wording import one_line
from daskflow.cli.explanation.found import Found, Object
from daskflow.cli.tables import pods as pods_table

MOST_PODS = 12
_LETTERS = 300
"""Of last words that are not ours."""


def pods_in(found: Found, now: datetime, said: str = "") -> Iterator[str]:
    """A paragraph on all of them, those in trouble first; `said` are words that need not come again."""
    if not found.pods:
        return
    yield "Pods:"
    nodes = {node["metadata"]["name"]: node for node in found.nodes}
    why = {id(pod): list(_why(pod)) for pod in found.pods}
    for pod in sorted(found.pods, key=lambda pod: not why[id(pod)])[:MOST_PODS]:
        name, _, state, node, old = pods_table.row(pod, now)
        yield f"  {name}: {state}, node {node}, {old} old"
        for who, words in why[id(pod)]:
            if words.rstrip(".") not in said:
                yield f"    {who}{words}"
                said += words
        if node in nodes and not _ready(nodes[node]):
            yield f"    node {node} is not ready"
    if len(found.pods) > MOST_PODS:
        yield f"  and {len(found.pods) - MOST_PODS} more"


def _why(pod: Object) -> Iterator[tuple[str, str]]:
    """What is said, after who says it."""
    status = pod.get("status") or {}
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        state = container.get("state") or {}
        if message := (state.get("waiting") or {}).get("message"):
            yield f"{container['name']}: ", one_line(message)
        ended = state.get("terminated") or {}
        if ended.get("exitCode") and (words := last_words(ended.get("message"))):
            yield f"{container['name']}'s last words: ", words
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] != "True" and condition.get("message"):
            yield "", one_line(condition["message"])


def last_words(message: Any) -> str:
    """A termination message as a person reads it: of the runtime's report, its sentence."""
    text = str(message or "")
    try:
        report = json.loads(text)
    except ValueError:
        return one_line(text[-_LETTERS:])
    if not isinstance(report, dict):
        return one_line(text[-_LETTERS:])
    outcome = report.get("outcome")
    said = outcome if isinstance(outcome, dict) else report
    return one_line(str(said.get("message") or said.get("reason") or ""))


def _ready(node: Object) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
