"""How an attempt ended, from what is left of it. The flow's own word wins over everything."""

from dataclasses import replace

import pytest

from tests.unit.plan.stage import NOW, Stage, failed, opened, succeeded

REFUSED = {"reason": "OutOfcpu", "message": "Node didn't have enough resource: cpu", "containerStatuses": []}
EVICTED = {"type": "DisruptionTarget", "status": "True", "message": "node drain"}

CASES = [
    # what is there, phase, reason, budget
    (opened().with_runner(exit_code=1, message=failed()), "Failed", "FlowFailed", "flow"),
    (opened().with_runner(exit_code=1, message=failed("FlowKilled")), "Failed", "FlowKilled", "flow"),
    (
        opened().with_runner(exit_code=1, message=failed("EntrypointInvalid")),
        "Failed",
        "EntrypointInvalid",
        "none",
    ),
    (
        opened().with_runner(exit_code=1, message=failed("SchedulerLost")),
        "Failed",
        "SchedulerLost",
        "infrastructure",
    ),
    (
        opened().with_runner(exit_code=1, message=failed("SchedulerUnreachable", begun=False)),
        "Retrying",
        "Retrying",
        "start",
    ),
    # Refused by the kubelet before anything ran.
    (
        opened().with_scheduler(started=True).with_runner(phase="Failed", status=REFUSED),
        "Retrying",
        "Retrying",
        "start",
    ),
    # On a node that was lost nobody saw how far it came.
    (
        opened().with_runner(phase="Failed", status={"reason": "NodeLost"}),
        "Failed",
        "Evicted",
        "infrastructure",
    ),
    # Our container has ended; a sidecar keeps the pod.
    (
        opened().with_runner(exit_code=0, message=succeeded(), status={"phase": "Running"}),
        "Succeeded",
        "",
        None,
    ),
    # A scheduler that ended without a message has met no runner.
    (opened().with_scheduler(exit_code=1), "Retrying", "Retrying", "start"),
    (
        opened().with_scheduler(exit_code=1, message="ModuleNotFoundError: No module named 'distributed'"),
        "Failed",
        "ContainerCannotRun",
        "none",
    ),
    (
        opened()
        .with_scheduler(exit_code=1, message="ModuleNotFoundError: No module named 'distributed'")
        .with_runner(exit_code=143, message=failed("Terminated", begun=False)),
        "Failed",
        "ContainerCannotRun",
        "none",
    ),
    # Told to go before it could listen to that, the runner was killed.
    (
        opened()
        .with_scheduler(exit_code=1, message="ModuleNotFoundError: No module named 'distributed'")
        .with_runner(exit_code=137, status={"reason": "DeadlineExceeded"}),
        "Failed",
        "ContainerCannotRun",
        "none",
    ),
    (opened().with_runner(exit_code=128, why="StartError"), "Failed", "ContainerCannotRun", "none"),
    # It says itself that nothing of it ran, but what superseded it had begun.
    (
        opened().with_scheduler().with_runner(exit_code=1, message=failed("RunnerSuperseded", begun=False)),
        "Failed",
        "RunnerSuperseded",
        "infrastructure",
    ),
    # A drained runner takes its message along; the scheduler has the other copy.
    (
        opened().with_scheduler(exit_code=0, message={"outcome": succeeded(), "reason": "OutcomeReceived"}),
        "Succeeded",
        "",
        None,
    ),
    (
        opened()
        .with_scheduler(exit_code=0, message={"outcome": failed(), "reason": "OutcomeReceived"})
        .with_runner(exit_code=137),
        "Failed",
        "FlowFailed",
        "flow",
    ),
    # No copy anywhere, and the scheduler says that the flow had begun.
    (
        opened().with_scheduler(exit_code=1, message={"outcome": None, "begun": "2026-03-01T12:00:05Z"}),
        "Failed",
        "SchedulerLost",
        "infrastructure",
    ),
    (
        opened().with_scheduler(exit_code=1, message={"outcome": None, "begun": None}),
        "Retrying",
        "Retrying",
        "start",
    ),
    # Nobody can say whether it had begun: user code is not run twice.
    (opened().with_runner(exit_code=137), "Failed", "RunnerLost", "infrastructure"),
    (
        opened().with_runner(exit_code=143, conditions=(EVICTED,)),
        "Failed",
        "Evicted",
        "infrastructure",
    ),
    (
        opened().with_runner(exit_code=137, why="OOMKilled", limit="1Gi"),
        "Failed",
        "OutOfMemory",
        "flow",
    ),
]


@pytest.mark.parametrize(("stage", "phase", "reason", "budget"), CASES)
def test_end(stage: Stage, phase: str, reason: str, budget: str | None) -> None:
    status = stage.applied().status
    assert (status["phase"], status["reason"]) == (phase, reason)
    assert status["attempts"][0].get("budget") == budget
    assert status["attempts"][0]["endTime"]
    assert status["message"]


def test_success_wins_over_a_later_cancellation_and_deadline() -> None:
    stage = opened({"deadlines": {"active": "1m"}}).with_runner(exit_code=0, message=succeeded())
    assert stage.spec(cancel=True).later(hours=1).applied().status["phase"] == "Succeeded"


def test_a_runner_without_outcome_waits_for_the_schedulers_copy_but_not_for_ever() -> None:
    stage = opened().with_scheduler(started=True).with_runner(exit_code=137)
    waiting = stage.applied()
    assert waiting.status["phase"] == "Starting"
    assert stage.plan().requeue_at is not None
    assert waiting.later(minutes=2).applied().status["phase"] == "Failed"


def test_a_runner_that_never_began_is_made_again_in_the_same_attempt() -> None:
    stage = opened().with_scheduler(started=True).with_runner().without_runner()
    assert [child["kind"] for child in stage.plan().creates] == ["Pod"]


def test_a_runner_that_had_begun_is_not_made_again() -> None:
    running = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=2).applied()
    plan = running.without_runner().plan()
    assert not plan.creates
    assert plan.status is not None
    assert plan.status["reason"] == "RunnerLost"


def test_a_deleted_scheduler_ends_a_runner_that_has_not_begun() -> None:
    plan = opened().with_runner().plan()
    assert [patch.key.name for patch in plan.patches] == [
        opened().with_runner().children[1]["metadata"]["name"]
    ]


def test_a_cluster_deleted_by_somebody_else_fails_the_attempt() -> None:
    running = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=2).applied()
    gone = replace(running, children=(), members=(), now=NOW)
    assert gone.applied().status["reason"] == "ClusterDeleted"
