"""Pods with more than one container: ours decides. Pods that somebody else has made are no error."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.api.names import ANNOTATION_ENDING
from daskflow.manifests.naming import worker_name
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import grace

from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.cluster.stage import BASE, OLD, Stage, running
from tests.unit.plan.stage import NOW, failed, opened, pod, succeeded
from tests.unit.plan.stage import Stage as RunStage

AGENT = {"name": "agent", "image": "agent:1", "state": {"running": {}}, "started": True}

PULLING = {"name": "agent", "image": "agent:1", "state": {"waiting": {"reason": "ImagePullBackOff"}}}

ENDING = {
    "metadata": {"annotations": {ANNOTATION_ENDING: timestamp(NOW)}},
    "spec": {"activeDeadlineSeconds": 1},
}

AGAIN = {**ENDING, "metadata": {"annotations": {ANNOTATION_ENDING: timestamp(NOW + timedelta(seconds=3))}}}


def beside(body: dict[str, Any], *others: dict[str, Any], first: bool = False) -> dict[str, Any]:
    """The same pod with these containers in it, so that its phase stays Running."""
    ours = body["status"]["containerStatuses"]
    statuses = [*others, *ours] if first else [*ours, *others]
    return {**body, "status": {**body["status"], "phase": "Running", "containerStatuses": statuses}}


def told(body: dict[str, Any], at: datetime) -> None:
    """It was asked to end then."""
    body["metadata"]["annotations"] = {ANNOTATION_ENDING: timestamp(at)}
    body["spec"] = {"activeDeadlineSeconds": 1}


def with_dead_worker(*others: dict[str, Any], **state: Any) -> Stage:
    """Worker 1 of 2 has ended; the rest of its pod has not."""
    stage = running(2).worker(1, **{"exit_code": 137, "started": False, "at": NOW, **state})
    name = worker_name(BASE, 1)
    return stage.__class__(**{**vars(stage), "pods": {**stage.pods, name: beside(stage.pods[name], *others)}})


@pytest.mark.parametrize("other", [AGENT, PULLING])
def test_a_dead_worker_beside_a_sidecar_is_replaced_and_the_rest_ended(other: dict[str, Any]) -> None:
    stage = with_dead_worker(other)
    assert [patch.body for patch in stage.plan().patches] == [ENDING]
    assert stage.applied().later(seconds=3).made == ["worker-2"]


def test_the_rest_of_a_pod_is_ended_once() -> None:
    stage = with_dead_worker(AGENT)
    told(stage.pods[worker_name(BASE, 1)], NOW)
    assert stage.plan().patches == ()


def test_what_we_end_is_not_what_a_worker_said() -> None:
    stage = with_dead_worker(AGENT)
    body = stage.pods[worker_name(BASE, 1)]
    body["spec"] = {"activeDeadlineSeconds": 1}
    body["status"] |= {"message": "Pod was active on the node longer than the specified deadline"}
    assert Pod(body).last_words == ""
    body["spec"] = {}
    assert Pod(body).last_words.startswith("Pod was active")


def test_a_retired_worker_beside_a_sidecar_goes() -> None:
    stage = with_dead_worker(AGENT, exit_code=0, message={"reason": "Retired"}).change(
        workers={"replicas": 1}
    )
    assert stage.applied().deleted == ["worker-1"]


def with_dead_scheduler(said: str, **spec: Any) -> Stage:
    """A cluster whose scheduler's container has ended beside a sidecar."""
    stage = running(2, **spec)
    made = pod(f"{BASE}-scheduler", "scheduler", exit_code=0 if said else 1, message={"reason": said})
    return stage.__class__(**{**vars(stage), "pods": {**stage.pods, "scheduler": beside(made, AGENT)}})


@pytest.mark.parametrize(
    ("said", "phase", "reason"),
    [("IdleTimeout", "Stopped", "IdleTimeout"), ("", "Failed", "SchedulerLost")],
)
def test_a_cluster_ends_with_its_scheduler_whatever_lives_beside_it(
    said: str, phase: str, reason: str
) -> None:
    stage = with_dead_scheduler(said, idleTimeout="20s").later(seconds=6).applied()
    assert (stage.status["phase"], stage.status["reason"]) == (phase, reason)
    patched = sorted(patch.key.name.removeprefix(f"{BASE}-") for patch in stage.plan().patches)
    assert patched == ["scheduler", "worker-0", "worker-1"]


def test_no_worker_is_made_for_a_scheduler_that_is_over() -> None:
    stage = with_dead_scheduler("").worker(0, exit_code=1, started=False)
    assert stage.later(seconds=3).plan().creates == ()


def test_a_container_that_sorts_before_ours_is_not_ours() -> None:
    stage = running(1)
    name = worker_name(BASE, 0)
    stage.pods[name] = beside(stage.pods[name], AGENT, first=True)
    assert stage.plan().acts is False
    assert stage.status["workers"]["ready"] == 1


def test_an_ephemeral_container_changes_nothing() -> None:
    stage = running(1)
    name = worker_name(BASE, 0)
    shell = {"name": "debugger", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}
    stage.pods[name]["status"]["ephemeralContainerStatuses"] = [shell]
    assert stage.plan().acts is False


def with_runner(report: dict[str, Any], code: int, **spec: Any) -> RunStage:
    """A run whose runner's container has ended beside a sidecar, and whose scheduler has as well."""
    stage = opened(spec).with_scheduler(started=True).with_runner(exit_code=code, message=report)
    return RunStage(
        stage.resource,
        tuple(beside(child, AGENT) if child["kind"] == "Pod" else child for child in stage.children),
        stage.members,
        stage.now,
    )


def test_a_flow_is_over_with_its_runner_and_the_sidecar_is_ended() -> None:
    stage = with_runner(succeeded(), 0).applied()
    assert stage.status["phase"] == "Succeeded"
    ended = [patch.key.name for patch in stage.later(seconds=6).plan().patches if "runner" in patch.key.name]
    assert len(ended) == 1


def test_the_next_attempt_does_not_wait_for_a_sidecar() -> None:
    stage = with_runner(failed(), 1, retries={"limit": 1, "backoff": {"initial": "1s"}}).applied()
    stage = RunStage(stage.resource, stage.children[1:], (), stage.now).later(seconds=3)
    assert [patch.body for patch in stage.plan().patches] == [AGAIN]
    for child in stage.children:
        told(child, stage.now)
    assert stage.applied().status["attempt"] == 2


READY = cluster_stage.running()


@pytest.mark.parametrize("name", ["planted", "a-worker", "a.worker.b", f"{BASE}-worker-{'9' * 20}"])
def test_a_planted_worker_without_an_ordinal_of_ours_is_left_alone(name: str) -> None:
    planted = replace(READY, pods={**READY.pods, name: pod(name, "worker", started=True, at=OLD)})
    assert planted.applied().status["phase"] == "Ready"
    assert not planted.plan().acts


def test_a_planted_worker_with_one_is_counted_as_any() -> None:
    name = f"{BASE}-worker-7"
    planted = replace(READY, pods={**READY.pods, name: pod(name, "worker", started=True, at=OLD)}).applied()
    assert planted.plan().scale is not None  # the scheduler is to say which one goes


def test_what_a_pods_own_status_lacks_is_not_missed() -> None:
    name = f"{BASE}-worker-0"
    odd = pod(name, "worker", started=True, at=OLD)
    del odd["status"]["containerStatuses"][0]["state"]
    assert replace(READY, pods={**READY.pods, name: odd}).plan().status["workers"]["ready"] == 1


def test_a_grace_period_beyond_all_dates_is_a_long_one() -> None:
    odd = pod("a-worker-0", "worker")
    odd["spec"]["terminationGracePeriodSeconds"] = 2**62
    assert NOW + grace(Pod(odd)) > NOW
