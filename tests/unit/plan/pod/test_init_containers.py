"""What comes before our container in a pod: what it waits for, and what ended it."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.controller.known.compact import compact
from daskflow.plan.model import Plan

from tests.unit.plan.cluster.stage import BASE, running
from tests.unit.plan.stage import NOW, Stage, opened, pod, run

INITIALIZING = {"reason": "PodInitializing"}


def init(name: str, state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The status of an init container."""
    return {"name": name, "image": f"{name}:1", "state": state, **more}


def waits(reason: str, message: str = "") -> dict[str, Any]:
    """It has not started, or not again."""
    return {"waiting": {"reason": reason, "message": message}}


def runs() -> dict[str, Any]:
    """It has run since the beginning."""
    return {"running": {"startedAt": "2026-03-01T12:00:00Z"}}


def with_inits(stage: Stage, *inits: dict[str, Any]) -> Stage:
    """The same with these init containers in its last pod's spec, and all pods as the store keeps them."""
    *others, last = stage.children
    last = {**last, "spec": {**last["spec"], "initContainers": list(inits)}}
    return replace(stage, children=(*others, dict(compact(last))))


def ended(code: int, message: str = "", reason: str = "Error") -> dict[str, Any]:
    """It has ended."""
    return {"terminated": {"exitCode": code, "message": message, "reason": reason}}


DONE = init("first", ended(0))

MESH = {"name": "mesh", "image": "mesh:1", "restartPolicy": "Always"}


def before(*statuses: dict[str, Any], phase: str = "Pending", **spec: Any) -> Stage:
    """A run whose scheduler and runner have these init containers; the scheduler's have ended well."""
    status = {"initContainerStatuses": list(statuses)}
    stage = opened(spec).with_scheduler(started=True)
    return stage.with_runner(phase=phase, waiting=INITIALIZING, status=status)


def said(stage: Stage) -> tuple[str, str, str]:
    """Phase, reason and message."""
    status = stage.applied().status
    return status["phase"], status["reason"], status["message"]


def test_an_image_of_an_init_container_that_cannot_be_pulled_is_named() -> None:
    first = said(before(DONE, init("fetch", waits("ErrImagePull", "not found"))))
    assert first[:2] == ("Starting", "ImagePullFailed")
    assert '"fetch:1" of init container fetch' in first[2]
    last = said(before(DONE, init("fetch", waits("ImagePullBackOff", "not found"))))
    assert last[:2] == ("Failed", "ImagePullFailed")


def test_a_slow_one_is_told_without_any_more_writes() -> None:
    fetch = {"name": "fetch", "image": "fetch:1", "command": ["sleep", "3000"]}
    # A kubelet says `started` of any container that runs and has no startup probe.
    stage = with_inits(before(DONE, init("fetch", runs(), started=True)), fetch)
    assert said(stage)[1] == ""
    assert stage.plan().requeue_at == NOW.replace(second=30)
    late = stage.later(seconds=30).applied()
    assert said(late)[:2] == ("Starting", "WaitingForInitContainer")
    assert "init container fetch, which has run since 2026-03-01T12:00:00Z" in said(late)[2]
    assert late.plan() == late.plan().but(status=None, events=())
    assert late.later(minutes=5).plan().status is None


def test_a_workers_slow_one_is_told_of_by_the_run() -> None:
    status = {"initContainerStatuses": [init("fetch", runs(), started=True)]}
    stage = opened().with_scheduler(started=True).with_runner()
    stage = stage.with_worker(phase="Pending", waiting=INITIALIZING, status=status)
    assert stage.plan().requeue_at == NOW.replace(second=30)
    assert said(stage.later(seconds=30))[1] == "WaitingForInitContainer"


def test_a_slow_one_of_a_run_without_workers_is_told() -> None:
    alone = Stage(run({"cluster": {"workers": {"replicas": 0}}})).applied()
    status = {"initContainerStatuses": [init("fetch", runs(), started=True)]}
    stage = alone.with_runner(phase="Pending", waiting=INITIALIZING, status=status).applied()
    assert stage.plan().requeue_at == NOW.replace(second=30)
    assert said(stage.later(seconds=30))[1] == "WaitingForInitContainer"


def test_a_sidecar_that_has_started_is_not_waited_for() -> None:
    stage = before(init("mesh", runs(), started=True), init("fetch", waits("PodInitializing")))
    assert said(with_inits(stage, MESH).later(minutes=1))[1] == ""


def test_a_sidecar_that_has_not_started_is() -> None:
    stage = with_inits(before(init("mesh", runs(), started=False)), MESH)
    assert "mesh" in said(stage.later(minutes=1))[2]


def test_a_sidecar_that_keeps_ending_is_named_with_its_last_words() -> None:
    last = {"terminated": {"exitCode": 3, "message": "one\nno certificate\n"}}
    status = init("mesh", waits("CrashLoopBackOff", "back-off"), lastState=last)
    phase, reason, message = said(before(status))
    assert (phase, reason) == ("Starting", "InitContainerFailed")
    assert "mesh" in message
    assert "exit code 3: no certificate" in message


def test_once_ours_runs_its_sidecars_stand_in_no_way() -> None:
    status = init("mesh", waits("CrashLoopBackOff", "back-off"))
    stage = opened().with_scheduler(started=True)
    stage = stage.with_runner(status={"initContainerStatuses": [status]})
    assert said(stage)[1] == ""


@pytest.mark.parametrize(("limit", "phase"), [(0, "Failed"), (1, "Retrying")])
def test_one_that_fails_is_charged_as_the_flow_would_be(limit: int, phase: str) -> None:
    status = init("migrate", ended(1, "Traceback\nno database\n"))
    stage = before(status, phase="Failed", retries={"limit": limit, "backoff": {"initial": "1s"}})
    found = said(stage)
    assert found[0] == phase
    assert "Init container migrate" in found[2]
    assert "exit code 1: no database" in found[2]
    attempt = stage.applied().status["attempts"][-1]
    assert (attempt["reason"], attempt["exitCode"]) == ("InitContainerFailed", 1)
    assert attempt["budget"] == "flow"


def test_the_schedulers_own_is_told_when_the_runner_was_ended_for_it() -> None:
    status = {"initContainerStatuses": [init("migrate", ended(2))]}
    stage = opened().with_scheduler(phase="Failed", waiting=INITIALIZING, status=status)
    assert said(stage)[1] == "InitContainerFailed"
    assert "exit code 2" in said(stage)[2]


def test_one_that_was_ended_with_its_pod_has_not_failed() -> None:
    status = init("migrate", ended(143))
    stage = before(status, phase="Failed")
    stage.children[-1]["spec"] = {"activeDeadlineSeconds": 1}
    assert said(stage)[1] != "InitContainerFailed"


def test_one_out_of_memory_is_told_so() -> None:
    assert "memory" in said(before(init("fetch", ended(137, reason="OOMKilled")), phase="Failed"))[2]


def dead_worker() -> Plan:
    """The plan of a cluster one of whose workers never came beyond its init container."""
    stage = running(1)
    status = {"initContainerStatuses": [init("fetch", ended(4, "no bucket"))]}
    name = f"{BASE}-worker-1"
    stage.pods[name] = pod(name, "worker", phase="Failed", waiting=INITIALIZING, status=status)  # type: ignore[index]
    return stage.later(minutes=3).plan()


def test_a_workers_is_told_by_the_cluster() -> None:
    status = dead_worker().status
    assert status is not None
    assert "exit code 4: no bucket" in str(status["workers"])
