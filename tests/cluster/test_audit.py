"""Counting in the audit log, whatever the API server does with its files."""

import json
from pathlib import Path

import pytest

from benchmarks import audit


def event(verb: str, resource: str = "pods", namespace: str = "a", agent: str = "ours/1") -> str:
    about = {"resource": resource, "namespace": namespace}
    told = {"stage": "ResponseComplete", "verb": verb, "userAgent": agent, "objectRef": about}
    return json.dumps(told) + "\n"


def append(log: Path, *lines: str) -> None:
    with log.open("a") as file:
        file.write("".join(lines))


def rotate(log: Path, when: str) -> None:
    log.rename(log.with_name(f"audit-2026-11-26T{when}.log"))
    log.touch()


def test_writes_are_counted_from_where_counting_began(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    nothing = audit.end(log)
    append(log, event("create"))
    begun = audit.end(log)
    append(log, event("create"), event("get"), event("create", agent="other"), event("patch", namespace="b"))
    assert audit.writes(log, begun, "ours", "a") == {("create", "pods"): 1}
    assert audit.writes(log, nothing, "ours", "a") == {("create", "pods"): 2}


def test_writes_are_counted_across_rotations(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    append(log, event("delete"))
    rotate(log, "10-00-00.000")
    append(log, event("delete"))
    begun = audit.end(log)
    append(log, event("create"))
    rotate(log, "11-00-00.000")
    append(log, event("create"), event("patch"))
    rotate(log, "11-00-00.001")
    append(log, event("create", "secrets"))
    counted = {("create", "pods"): 2, ("patch", "pods"): 1, ("create", "secrets"): 1}
    assert audit.writes(log, begun, "ours", "a") == counted
    log.unlink()  # between the renaming and the new file
    del counted["create", "secrets"]
    assert audit.writes(log, begun, "ours", "a") == counted


def test_a_line_that_is_half_written_is_not_read(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    append(log, event("create"), event("create")[:20])
    assert audit.writes(log, audit.Place(0, 0), "ours", "a").total() == 1


def test_a_file_that_has_been_removed_is_told(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    append(log, event("create"))
    begun = audit.end(log)
    rotate(log, "10-00-00.000")
    (tmp_path / "audit-2026-11-26T10-00-00.000.log").unlink()
    with pytest.raises(LookupError, match="not there any more"):
        audit.writes(log, begun, "ours", "a")
