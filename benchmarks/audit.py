"""Counts what a user agent wrote to the API server, from the local cluster's audit log."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.access import Access
from tests.cluster.settings import state

WRITES = ("create", "update", "patch", "delete", "deletecollection")


def log_file() -> Path:
    """The audit log of the local cluster that is in use."""
    access = Access.current()
    return state() / (access.provider if access else "local") / "audit.log"


def writes(log: Path, offset: int, agent: str, namespace: str) -> Counter[tuple[str, str]]:
    """Answered writes in a namespace since `offset` bytes: verb and resource (with its subresource)."""
    counted: Counter[tuple[str, str]] = Counter()
    for event in _events(log, offset):
        about = event.get("objectRef") or {}
        if event["stage"] != "ResponseComplete" or event["verb"] not in WRITES:
            continue
        if agent in event.get("userAgent", "") and about.get("namespace") == namespace:
            resource = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
            counted[event["verb"], resource] += 1
    return counted


def _events(log: Path, offset: int) -> Iterator[dict[str, object]]:
    with log.open() as lines:
        lines.seek(offset)
        for line in lines:
            yield json.loads(line)
