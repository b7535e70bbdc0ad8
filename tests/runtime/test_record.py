"""Every record fits its termination message."""

import json
from typing import Any

import pytest
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
