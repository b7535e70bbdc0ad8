"""What is told of a runner that does not get on."""

from typing import Any

import pytest
from daskflow.api.conditions import timestamp

from tests.unit.plan.dask_kubernetes.job.stage import SPEC, JobStage, container, ended, job, made, running
from tests.unit.plan.stage import NOW


def test_a_runner_that_fails_again_and_again_is_told_of_once() -> None:
    waits = {
        **container(waiting={"reason": "CrashLoopBackOff", "message": "back-off"}),
        "lastState": {"terminated": ended(2, message="ImportError: dask")},
        "restartCount": 3,
    }
    stage = running().runner_is("Running", containerStatuses=[waits]).settled()
    assert stage.status["jobStatus"] == "Running"
    assert stage.told[-1].startswith("Retrying: The runner's container job ended with exit code 2: Imp")
    again = stage.runner_is("Running", containerStatuses=[{**waits, "restartCount": 4}])
    assert not again.plan().acts


@pytest.mark.parametrize(
    "state", [{"terminated": ended(2, message="boom")}, {"running": {}}, {"waiting": {}}]
)
def test_what_a_runner_has_failed_with_is_told_between_its_starts_and_while_it_runs_again(state: Any) -> None:
    again = {**container(**state), "lastState": {"terminated": ended(2, message="boom")}, "restartCount": 3}
    stage = running().runner_is("Running", containerStatuses=[again]).settled()
    message = stage.annotations["daskflow.dev/message"]
    assert message.startswith("Retrying: The runner's container job ended with exit code 2: boom.")
    over = stage.runner_is("Succeeded", containerStatuses=[container(terminated=ended(0))]).settled()
    assert "daskflow.dev/message" not in over.annotations


def test_one_of_several_that_has_ended_for_good_is_not_started_again() -> None:
    spec = {**SPEC, "job": {"spec": {**SPEC["job"]["spec"], "restartPolicy": "Never"}}}
    states = [container("a", terminated=ended(2)), container("b", running={"startedAt": timestamp(NOW)})]
    stage = JobStage(job(spec)).settled().runner_is("Running", containerStatuses=states).settled()
    assert stage.status["jobStatus"] == "Running"
    assert "daskflow.dev/message" not in stage.annotations


def test_an_image_that_cannot_be_pulled_is_told_and_forgotten_when_it_can() -> None:
    waits = container(waiting={"reason": "ImagePullBackOff", "message": "not found"})
    stuck = made().runner_is("Pending", containerStatuses=[waits]).settled()
    assert stuck.status["jobStatus"] == "ClusterCreated"
    assert "spec.job.spec.imagePullSecrets" in stuck.annotations["daskflow.dev/message"]
    state = container(running={"startedAt": timestamp(NOW)})
    free = stuck.runner_is("Running", containerStatuses=[state]).settled()
    assert "daskflow.dev/message" not in free.annotations


def test_a_restart_policy_with_which_no_job_ends_is_told() -> None:
    spec = {**SPEC, "job": {"spec": {**SPEC["job"]["spec"], "restartPolicy": "Always"}}}
    state = container(running={"startedAt": timestamp(NOW)})
    stage = JobStage(job(spec)).settled().runner_is("Running", containerStatuses=[state]).settled()
    assert "never ends" in stage.told[-1]
