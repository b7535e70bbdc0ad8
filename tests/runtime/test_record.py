"""Every record fits its termination message."""

import json
from pathlib import Path
from typing import Any

import pytest
from daskflow.api.flowrun_report import WIRE_LIMIT
from daskflow.runtime import record
from daskflow.runtime.runner.outcome_record import failed, succeeded


@pytest.mark.parametrize(
    "outcome",
    [
        failed("FlowFailed", "x" * 9000, ValueError("\x00" * 9000)),
        failed("FlowFailed", "ü" * 9000, type("E" * 5000, (Exception,), {})("\udc80" * 9000)),
        {**succeeded("ü" * 1500, "It"), "message": "m" * 5000},
        {"outcome": "Failed", "reason": "FlowFailed", "message": "", "surprise": "x" * 9000},
        {"outcome": "Failed", "reason": "FlowFailed", "message": "", "failure": {"mro": ["x" * 999] * 99}},
    ],
)
def test_every_outcome_fits_the_schedulers_message_too(outcome: dict[str, Any]) -> None:
    small = record.fit({"v": 1, "role": "runner", "begun": record.now(), "ended": record.now(), **outcome})
    wrapped = {"v": 1, "role": "scheduler", "outcome": small, "begun": record.now(), "runner": "u" * 64}
    data = record.encode({**wrapped, "reason": "OutcomeReceived"})
    assert len(data) <= record.LIMIT
    assert json.loads(data)["outcome"]["outcome"] == outcome["outcome"]
    assert json.loads(data)["outcome"]["reason"] == outcome["reason"]


def test_cutting_never_splits_a_character() -> None:
    for size in range(3, 12):
        for tail in (False, True):
            assert len(record.cut("äöü€" * 3, size, tail).encode()) <= size


REPORT: dict[str, Any] = {
    "seconds": 512.123,
    "tasks": 120433,
    "failed": 3,
    "threadSeconds": {"paid": 40960.5, "busy": 31223.4, "idle": 2480.25, "queued": 1180.5},
    "memory": {
        "peak": 7516192768,
        "by": "etl-x7k2p-1-worker-7",
        "limit": 8589934592,
        "spilled": 12884901888,
    },
    "moved": 99857989632,
    "movedSeconds": 301.2,
    "workers": {"count": 40, "threads": 80, "deaths": 2, "absent": 0.0},
    "prefixes": [
        {"name": "p" * 38 + str(n), "tasks": 4012, "seconds": 9123.25, "longest": 3.2, "bytes": 123480309760}
        for n in range(8)
    ],
    "timeline": "t" * 350,
}


def test_of_a_report_goes_in_what_there_is_room_for() -> None:
    seen = []
    for size in range(0, 4090, 5):
        outcome = {"message": "m" * size}
        whole = record.with_report(outcome, REPORT)
        assert len(record.encode(whole)) <= max(record.LIMIT, len(record.encode(outcome)))
        report = whole.get("report") or {}
        assert len(record.encode(report)) <= record.REPORT_LIMIT == WIRE_LIMIT
        kept = (len(report.get("prefixes", [])), "timeline" in report, bool(report))
        if kept not in seen:
            seen.append(kept)
    assert seen == [
        (6, True, True),  # eight of these would be too much for a status
        (6, False, True),
        (3, False, True),
        (0, False, True),
        (0, False, False),
    ]


def test_totals_take_little_and_no_report_takes_nothing() -> None:
    totals = {**REPORT, "prefixes": []}
    del totals["timeline"]
    assert len(record.encode({"report": totals})) < 420
    assert record.with_report({"v": 1}, None) == {"v": 1}


def test_a_message_is_whole_at_each_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "message"
    monkeypatch.setenv("DASKFLOW_TERMINATION_LOG", str(file))
    record.write({"first": "x" * 500})
    with monkeypatch.context() as killed:
        killed.setattr("os.ftruncate", lambda *_: None)
        record.write({"second": 1})
    assert json.loads(file.read_text()) == {"second": 1}
    record.write({"third": 1})
    assert file.read_text() == '{"third":1}'
