"""Small parts by themselves: packing, the record's bounds, the lease."""

import io
import json
import zipfile
from typing import Any

import pytest
from daskflow.runtime import record
from daskflow.runtime.pack import LIMIT, pack, strip
from daskflow.runtime.runner.outcome import failed, succeeded
from daskflow.runtime.scheduler.lifetime import Lease
from daskflow.runtime.scheduler.task_counts import TaskCounts


def test_the_zip_is_small_and_always_the_same() -> None:
    assert len(pack()) <= LIMIT
    assert pack() == pack()
    assert zipfile.ZipFile(io.BytesIO(pack())).testzip() is None


def test_stripping_keeps_line_numbers() -> None:
    source = '"""Doc\nstring."""\n\n\ndef f(a: int, *b: str) -> "int | None":\n'
    source += '    """Says."""\n    # why\n    return 1 / 0\n'
    stripped = strip(source)
    assert stripped.split("\n")[4].strip() == "def f(a, *b):"
    assert stripped.split("\n")[7].strip() == "return 1 / 0"
    assert len(stripped.split("\n")) == len(source.split("\n"))


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


def test_a_lease_is_lost_by_silence_not_by_a_frozen_clock() -> None:
    lease = Lease(first_seconds=100, seconds=5)
    assert [lease.tick(1) for _ in range(100)] == [""] * 100
    assert lease.tick(1) == "LeaseNeverTaken"
    assert lease.take("a", None)
    assert lease.tick(3600) == ""  # we were frozen: listen first
    assert lease.take("a", "now")
    assert [lease.tick(1) for _ in range(6)] == ["", "", "", "", "", "LeaseLost"]


def test_counts_forget_keys_but_not_numbers() -> None:
    calls: list[str] = []
    counts = TaskCounts(lambda: calls.append("counted"), lambda: calls.append("workers"))
    for start, finish in [
        ("released", "waiting"),
        ("waiting", "processing"),
        ("processing", "memory"),
        ("memory", "released"),
        ("released", "processing"),  # its worker died: done again
        ("processing", "memory"),
        ("released", "forgotten"),
    ]:
        counts.transition("key", start, finish)
    assert (counts.done, counts.total) == (1, 1)
    assert len(calls) == 2
