"""Whether a failed attempt is followed by another, and when."""

from datetime import timedelta

import pytest
from daskflow.api.flowrun_status import Failures
from daskflow.api.retries import Backoff, Budget, Never, Retries
from daskflow.plan.run import retries

from tests.unit.plan.stage import NOW, Stage, failed, kinds, opened

ONE = Failures(flow=1)


@pytest.mark.parametrize(
    ("spec", "failures", "budget", "exit_code", "exceptions", "allowed"),
    [
        (Retries(), ONE, "flow", 1, (), False),
        (Retries(limit=1), ONE, "flow", 1, (), True),
        (Retries(limit=1), Failures(flow=2), "flow", 1, (), False),
        (Retries(limit=1, never=Never(exit_codes=(2,))), ONE, "flow", 2, (), False),
        (
            Retries(limit=1, never=Never(exceptions=("OSError",))),
            ONE,
            "flow",
            1,
            ("IOError", "OSError"),
            False,
        ),
        (Retries(), Failures(infrastructure=1), "infrastructure", None, (), False),
        (Retries(limit=1), Failures(infrastructure=1), "infrastructure", None, (), True),
        (
            Retries(infrastructure_limit=2),
            Failures(flow=5, infrastructure=2),
            "infrastructure",
            None,
            (),
            True,
        ),
        (Retries(), Failures(start=3), "start", None, (), True),
        (Retries(), Failures(start=4), "start", None, (), False),
        (Retries(limit=9), Failures(), "none", 1, (), False),
    ],
)
def test_allowed(
    spec: Retries,
    failures: Failures,
    budget: Budget,
    exit_code: int | None,
    exceptions: tuple[str, ...],
    allowed: bool,
) -> None:
    assert retries.allowed(spec, failures, budget, exit_code, exceptions) is allowed


@pytest.mark.parametrize(
    ("count", "low", "high"), [(1, 10, 11), (2, 20, 22), (3, 40, 44), (9, 300, 330), (99, 300, 330)]
)
def test_backoff_doubles_up_to_its_maximum_with_a_tenth_of_jitter(count: int, low: int, high: int) -> None:
    waits = {retries.backoff(Backoff(), Failures(flow=count), f"uid-{number}") for number in range(50)}
    assert min(waits) >= low
    assert max(waits) <= high


def test_a_failed_attempt_is_followed_by_another_on_a_fresh_cluster() -> None:
    stage = opened({"retries": {"limit": 1}}).with_runner(exit_code=1, message=failed()).applied()
    assert stage.status["phase"] == "Retrying"
    assert [delete.key.kind for delete in stage.plan().deletes] == ["DaskCluster"]
    waiting = stage.later(minutes=1).plan()
    assert waiting.status is not None
    assert waiting.status["reason"] == "WaitingForEarlier"
    gone = Stage(stage.resource, stage.children[1:], (), NOW + timedelta(minutes=1))
    second = gone.applied()
    assert [attempt["number"] for attempt in second.status["attempts"]] == [1, 2]
    assert kinds(second.plan().creates) == ["DaskCluster"]


def test_an_attempt_whose_pod_still_lives_keeps_the_next_one_waiting() -> None:
    stage = opened({"retries": {"limit": 1}}).with_scheduler(
        exit_code=0, message={"outcome": failed(), "reason": "OutcomeReceived"}
    )
    alive = stage.with_runner(started=True).applied().later(minutes=5)
    plan = alive.plan()
    assert plan.status is not None
    assert plan.status["reason"] == "WaitingForEarlier"
    assert plan.patches
