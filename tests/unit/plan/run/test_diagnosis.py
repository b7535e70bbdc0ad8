"""Why pods do not start: at once where it is certain, shown and waited for where it may heal."""

from typing import Any

import pytest
from daskflow.plan.model import Key, Refusal

from tests.unit.plan.stage import Stage, opened

BACKOFF = "ImagePullBackOff"

UNSCHEDULABLE = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient memory.",
}


def pending(**state: Any) -> Stage:
    """A run whose scheduler runs and whose runner does not start."""
    return opened().with_scheduler(started=True).with_runner(phase="Pending", **state)


def waiting(reason: str, message: str = "") -> Stage:
    """The same, with the kubelet's word for it."""
    return pending(waiting={"reason": reason, "message": message})


def refusing(status: int, message: str) -> Stage:
    """A run whose runner the API server does not take."""
    refusal = Refusal(Key("Pod", "data", "x"), status, message)
    return Stage(
        opened().resource, opened().children, opened().with_scheduler().members, more={"refusals": (refusal,)}
    )


@pytest.mark.parametrize(
    ("stage", "phase", "reason", "says"),
    [
        (waiting("InvalidImageName"), "Failed", "ImageInvalid", "registry/name:tag"),
        (waiting(BACKOFF, "manifest unknown: not found"), "Failed", "ImagePullFailed", "imagePullSecrets"),
        (waiting("ErrImagePull", "not found"), "Starting", "ImagePullFailed", "not found"),
        (waiting(BACKOFF, "connection reset"), "Starting", "ImagePullFailed", "connection reset"),
        (
            waiting("CreateContainerConfigError", 'secret "x" not found'),
            "Starting",
            "ConfigInvalid",
            'secret "x"',
        ),
        (waiting("CreateContainerError", "no command"), "Failed", "ContainerCannotRun", "python3"),
        (pending(conditions=(UNSCHEDULABLE,)), "Starting", "Unschedulable", "Insufficient memory"),
        (
            refusing(403, "exceeded quota: small, requested: pods=1"),
            "Starting",
            "QuotaExceeded",
            "raise the quota",
        ),
        (
            refusing(403, "no PriorityClass with name late was found"),
            "Starting",
            "Refused",
            "no PriorityClass with name late",
        ),
        (refusing(403, "violates PodSecurity"), "Failed", "Refused", "violates PodSecurity"),
        (refusing(422, "spec.volumes[0]: Required value"), "Failed", "Refused", "Required value"),
    ],
)
def test_diagnosis(stage: Stage, phase: str, reason: str, says: str) -> None:
    plan = stage.plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == (phase, reason)
    assert says in plan.status["message"]
    assert [(event.type, event.reason) for event in plan.events] == [("Warning", reason)]


def test_what_it_waited_for_is_in_the_deadlines_message() -> None:
    stuck = pending(conditions=(UNSCHEDULABLE,)).applied().later(hours=1)
    ended = Stage(stuck.resource, stuck.children, stuck.members, stuck.now).plan()
    assert ended.status is not None
    assert "Insufficient memory" in ended.status["message"]


def test_a_healed_diagnosis_is_taken_back() -> None:
    stuck = pending(conditions=(UNSCHEDULABLE,)).applied()
    healed = opened().with_scheduler(started=True).with_runner()
    status = Stage(stuck.resource, healed.children, healed.members).applied().status
    assert (status["phase"], status["reason"]) == ("Starting", "")


@pytest.mark.parametrize(("begun", "phase"), [(False, "Starting"), (True, "Running")])
def test_workers_that_keep_dying_are_the_runs_trouble_too(begun: bool, phase: str) -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=begun)
    if begun:
        stage = stage.later(seconds=2).applied()
    failing = {
        "phase": "Degraded",
        "reason": "WorkersFailing",
        "message": "Workers end as soon as they start.",
    }
    stage.children[0]["status"] = {**stage.children[0]["status"], **failing}
    status = stage.applied().status
    assert (status["phase"], status["reason"]) == (phase, "WorkersFailing")
    assert stage.applied().plan().status is None
