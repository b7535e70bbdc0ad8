"""Counts what a user agent wrote to the API server, from the local cluster's audit log.

The API server renames the log when it is full (audit.log becomes audit-TIME.log) and begins a new one.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from tests.cluster.access import Access
from tests.cluster.settings import state
from tests.kube import Kube

WRITES = ("create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True)
class Place:
    """Where the log ended at a time; its file is known by inode, whatever it is called later."""

    file: int
    offset: int


def log_file() -> Path:
    """The audit log of the local cluster that this program runs in, or else of the one that is in use."""
    access = Access.current()
    provider = os.environ.get("DASKFLOW_PROVIDER") or (access.provider if access else "local")
    return state() / provider / "audit.log"


def end(log: Path) -> Place:
    """To count from here."""
    if not log.exists():
        return Place(0, 0)
    stat = log.stat()
    return Place(stat.st_ino, stat.st_size)


def writes(log: Path, place: Place, agent: str, namespace: str) -> Counter[tuple[str, str]]:
    """Answered writes in a namespace since then: verb and resource (with its subresource)."""
    counted: Counter[tuple[str, str]] = Counter()
    for event in _events(log, place):
        about = event.get("objectRef") or {}
        if event["stage"] != "ResponseComplete" or event["verb"] not in WRITES:
            continue
        if agent in event.get("userAgent", "") and about.get("namespace") == namespace:
            resource = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
            counted[event["verb"], resource] += 1
    return counted


def moments(log: Path, place: Place, agent: str, namespace: str) -> list[tuple[float, str]]:
    """When each write of an agent in a namespace came in since then, and what: `patch daskclusters`."""
    found = []
    for event in _events(log, place):
        about = event.get("objectRef") or {}
        if event["stage"] != "ResponseComplete" or event["verb"] not in WRITES:
            continue
        if agent in event.get("userAgent", "") and about.get("namespace") == namespace:
            at = datetime.fromisoformat(event["requestReceivedTimestamp"]).timestamp()
            resource = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
            found.append((at, f"{event['verb']} {resource}"))
    return found


def agents(log: Path, place: Place, namespace: str) -> Iterator[tuple[str, str]]:
    """User agent and verb of each answered write in a namespace since then."""
    for event in _events(log, place):
        where = (event.get("objectRef") or {}).get("namespace")
        if event["stage"] == "ResponseComplete" and event["verb"] in WRITES and where == namespace:
            yield event.get("userAgent", ""), event["verb"]


def calls(log: Path, place: Place, user: str) -> tuple[set[tuple[str, str]], set[str]]:
    """What a user has asked for since then, verb and resource; and the server's words on rights it lacks."""
    used, denied = set(), set()
    for event in _events(log, place):
        about = event.get("objectRef") or {}
        if event["user"]["username"] != user or "resource" not in about:
            continue
        answer = event.get("responseStatus") or {}
        resource = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
        used.add((event["verb"], resource))
        if answer.get("code") == 403 and " cannot " in answer.get("message", ""):
            denied.add(answer["message"])
    return used, denied


def settle(kube: Kube, log: Path, place: Place) -> None:
    """Wait until all that has been answered is in the log, which is written in batches: a call marks it."""
    name = f"mark-{uuid4().hex[:8]}"
    kube.get("ConfigMap", name)
    kube.wait("the audit log", lambda: any(name in line for line in _lines(log, place)))


def _events(log: Path, place: Place) -> Iterator[dict[str, Any]]:
    for line in _lines(log, place):
        if line.endswith("\n"):  # the last one may be half written
            yield json.loads(line)


def _lines(log: Path, place: Place) -> Iterator[str]:
    with ExitStack() as stack:
        for file in _files(log, place, stack):
            yield from file


def _files(log: Path, place: Place, stack: ExitStack) -> list[TextIO]:
    """The log's files, oldest first, from the place on. Raises LookupError when its file has been removed."""
    while True:
        paths = _paths(log)
        try:
            files = {os.fstat(file.fileno()).st_ino: file for file in map(open, paths)}
        except FileNotFoundError:
            continue  # renamed just now
        for file in files.values():
            stack.enter_context(file)
        if _paths(log) == paths:
            break
    if place.file == 0:
        return list(files.values())
    if place.file not in files:
        raise LookupError(f"the file that {log} was when counting began is not there any more")
    files[place.file].seek(place.offset)
    return list(files.values())[list(files).index(place.file) :]


def _paths(log: Path) -> list[Path]:
    earlier = sorted(log.parent.glob(f"{log.stem}-*{log.suffix}"))  # by time, which is their name
    return [path for path in (*earlier, log) if path.exists()]
