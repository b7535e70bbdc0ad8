"""What simulated schedulers record of an attempt, and how it gets into last words.

Each report names its attempt, so that invariants can tell whose it is. Scripts of flows may have the runner
say something else (`report`), or lose what the scheduler answered (`unreported`).
"""

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from daskflow.api.report_timeline import encoded

MESSAGE_BYTES = 4096
_PREFIX = "attempt-"


def recorded(attempt: int, seconds: float) -> dict[str, Any]:
    """A report of that attempt, of full size: noise in its timeline, eight kinds of tasks, a hint's cause."""
    chance = Random(attempt)
    noise = [[float(chance.randrange(20)) for _ in range(64)] for _ in range(8)]
    return {
        "seconds": round(seconds, 1),
        "tasks": 800,
        "failed": attempt,
        "threadSeconds": {"paid": round(4 * seconds, 1), "busy": round(seconds, 1), "queued": 0.5},
        "memory": {"peak": 7 * 2**30, "by": f"{_PREFIX}{attempt}", "limit": 2**33, "spilled": 2**30},
        "moved": 2**32,
        "workers": {"count": 2, "threads": 4, "deaths": 1},
        "prefixes": [
            {
                "name": f"prefix-{number}",
                "tasks": 100,
                "seconds": 10.5 - number,
                "longest": 1.25,
                "bytes": 2**20,
            }
            for number in range(8)
        ],
        "timeline": encoded(3, noise[0], noise[1:7], noise[7]),
    }


def attempt_of(report: Mapping[str, Any]) -> int:
    """Whose it is, by what it says of the worker with the most memory."""
    return int(str(report["memory"]["by"]).removeprefix(_PREFIX))


def with_report(message: Mapping[str, Any], report: Mapping[str, Any]) -> Mapping[str, Any]:
    """A termination message with as much of the report as there is room for."""
    for narrower in _narrower(report):
        full = {**message, "report": narrower}
        if len(json.dumps(full)) <= MESSAGE_BYTES:
            return full
    return message


def _narrower(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield report
    report = {name: value for name, value in report.items() if name != "timeline"}
    yield report
    yield {**report, "prefixes": report["prefixes"][:3]}
    yield {name: value for name, value in report.items() if name != "prefixes"}
