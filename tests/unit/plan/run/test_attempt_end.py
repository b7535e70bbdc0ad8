"""How an attempt ended, from what is left of it."""

import pytest

from tests.unit.plan.stage import Stage, failed, opened, succeeded

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
    # Of a flow run that was cancelled in Prefect.
    (opened().with_runner(exit_code=1, message=failed("Cancelled")), "Cancelled", "Cancelled", None),
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
