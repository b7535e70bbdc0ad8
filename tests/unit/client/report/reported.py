"""Runs with reports, as a scheduler and an operator write them, of work that is known."""

import math
from collections.abc import Sequence
from typing import Any

from daskflow.api.flowrun_report import report_of
from daskflow.api.report_timeline import encoded

Object = dict[str, Any]
GI = 2**30
HOSTILE = "<img src=x onerror=\"document.title='pwned'\"></style><script>alert(1)</script>&'\x1b[31m\u202e"


def hill(bins: int, begin: float, end: float, high: float) -> list[float]:
    """Threads that come and go between two bins."""
    return [
        high * math.sin(math.pi * (index - begin) / (end - begin)) ** 0.5 if begin < index < end else 0.0
        for index in range(bins)
    ]


def wire(**other: Any) -> Object:
    """What a scheduler hands over at the end of 512 seconds."""
    paid = [0.0, 24.0, 60.0, *[80.0] * 46, *[76.0] * 15]
    busy = [
        hill(64, 0, 26, 70),
        hill(64, 18, 44, 36),
        hill(64, 36, 58, 30),
        hill(64, 40, 64, 9),
        hill(64, 50, 64, 6),
    ]
    timeline = encoded(6, paid, busy, hill(64, 2, 63, 1.5))
    said = {
        "seconds": 509.3,
        "tasks": 120433,
        "failed": 3,
        "threadSeconds": {"paid": 39800.0, "busy": 27223.4, "idle": 2480.0, "queued": 1180.5},
        "memory": {
            "peak": 7 * GI,
            "by": "etl-x7k2p-1-worker-17",
            "limit": 8 * GI,
            "spilled": 12 * GI,
        },
        "moved": 93 * GI,
        "movedSeconds": 301.2,
        "workers": {"count": 40, "threads": 80, "deaths": 2},
        "prefixes": [
            prefix("read-parquet", 4012, 13123.2, 41.2, 115 * GI),
            prefix("merge", 2004, 6210.5, 9.4, 61 * GI),
            prefix("shuffle-transfer", 64000, 4890.1, 0.9, 22 * GI),
            prefix("fillna", 48011, 1520.0, 0.4, 18 * GI),
            prefix("to-parquet", 2004, 1180.0, 2.1, 0),
            prefix("sum", 402, 299.6, 1.0, GI // 1000),
        ],
        "timeline": timeline,
    }
    return {**said, **other}


def prefix(name: str, tasks: int, seconds: float, longest: float, size: int) -> Object:
    return {"name": name, "tasks": tasks, "seconds": seconds, "longest": longest, "bytes": size}


def reported(name: str = "etl", said: Object | None = None, **status: Any) -> Object:
    """A FlowRun that has ended, with the report that an operator makes of what a scheduler said."""
    report = report_of(said or wire())
    assert report
    hints = (
        "workers were idle 32 % of the time; 28 would have been enough",
        "one task of read-parquet took 13 times the mean of 3.3s; smaller parts would end sooner",
        "workers spilled 12.0Gi: give them 12Gi of memory, or make parts smaller",
    )
    written = report.model_copy(update={"hints": hints}).dump()
    written["cost"] = {"amount": "0.42", "currency": "EUR"}
    attempts = [attempt(1, outcome="Succeeded", efficiency=report.efficiency, peakMemory=report.memory.peak)]
    metadata = {"name": name, "namespace": "team", "uid": "u", "creationTimestamp": "2026-11-26T02:00:00Z"}
    told = {"phase": "Succeeded", "attempts": attempts, "report": written, **status}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": metadata,
        "spec": {"image": "etl:1"},
        "status": told,
    }


def attempt(number: int, **more: Any) -> Object:
    start = f"2026-11-26T02:{number:02}:00Z"
    return {
        "number": number,
        "cluster": f"etl-x7k2p-{number}",
        "startTime": start,
        "flowStartTime": start,
        **more,
    }


def twice() -> Object:
    """It succeeded the second time."""
    lost = attempt(1, outcome="Failed", reason="OutOfMemory", efficiency=0.41, peakMemory="2.0Gi")
    return reported(attempts=[lost, attempt(2, outcome="Succeeded", efficiency=0.68, peakMemory="7.0Gi")])


def slower(factor: float = 2.0, names: Sequence[str] = ("merge",)) -> Object:
    """What a scheduler says where tasks of these prefixes took so many times as long."""
    said = wire()
    changed = [
        {**each, "seconds": each["seconds"] * factor} if each["name"] in names else each
        for each in said["prefixes"]
    ]
    more = sum(each["seconds"] for each in changed) - sum(each["seconds"] for each in said["prefixes"])
    spent = {**said["threadSeconds"], "busy": said["threadSeconds"]["busy"] + more, "paid": 60000.0}
    return {**said, "prefixes": changed, "threadSeconds": spent, "seconds": 750.0}


def crowded() -> Object:
    """As much of everything as there can be, in one report, whatever its size."""
    names = ["&" * 63 + str(rank) for rank in range(8)]
    rows = [[abs(math.sin(row * 7 + index)) * 13 for index in range(64)] for row in range(7)]
    run = reported(twice()["metadata"]["name"], attempts=[attempt(number) for number in range(1, 11)])
    run["status"]["report"] |= {
        "timeline": encoded(20, [90.0] * 64, rows[:6], rows[6]),
        "prefixes": [prefix(name, 10**9, 10.0**9, 10.0**9, 0) | {"bytes": "999Pi"} for name in names],
        "hints": ["&" * 200] * 3,
    }
    return run


def hostile() -> Object:
    """Every text of it is an attack, where there may be one."""
    run = reported(reason=HOSTILE, phase="Failed")
    run["metadata"]["name"] = HOSTILE
    run["status"]["attempts"] = [attempt(1, outcome="Failed", reason=HOSTILE, message=HOSTILE), attempt(2)]
    report = run["status"]["report"]
    report["memory"]["by"] = report["note"] = report["record"] = HOSTILE[:100]
    report["cost"] = {"amount": HOSTILE[:24], "currency": HOSTILE[:8]}
    report["hints"] = [HOSTILE] * 3
    report["prefixes"] = [
        {**each, "name": HOSTILE[:60] + str(rank)} for rank, each in enumerate(report["prefixes"])
    ]
    return run
