"""Statuses that come back with less than was written."""

from typing import Any

import pytest
from daskflow.plan.old_definitions import held, lossy, unfenced

from tests.unit.plan.stage import kinds, opened


@pytest.mark.parametrize(
    ("sent", "kept", "lost"),
    [
        ({"a": 1}, {"a": 1, "b": ""}, False),
        ({"a": 1, "b": None}, {"a": 1}, False),
        ({"a": 1}, {}, True),
        ({"a": ({"b": 1},)}, {"a": [{"b": 1, "c": 0}]}, False),
        ({"a": [{"b": 1}]}, {"a": [{}]}, True),
        ({"a": [1, 2]}, {"a": [1]}, True),
    ],
)
def test_what_is_lost(sent: Any, kept: Any, lost: bool) -> None:
    assert lossy(sent, kept) is lost


def test_without_its_fence_no_runner_is_made_and_the_run_says_why() -> None:
    stage = opened().with_scheduler(started=True)
    plan = stage.plan()
    assert kinds(plan.creates) == ["Pod"]
    stopped = held(plan, stage.resource, stage.now)
    assert not stopped.creates
    assert stopped.status is not None
    assert "Apply the definitions" in stopped.status["message"]
    again = held(plan, {**stage.resource, "status": stopped.status}, stage.now)
    assert not again.acts
    assert again.requeue_at is not None


def test_fences_are_the_uids_of_attempts() -> None:
    sent = {"attempts": [{"number": 1, "clusterUid": "u", "budget": "flow"}]}
    assert unfenced(sent, {"attempts": [{"number": 1, "budget": "flow"}]})
    assert unfenced(sent, {})
    assert not unfenced(sent, {"attempts": [{"number": 1, "clusterUid": "u"}]})
