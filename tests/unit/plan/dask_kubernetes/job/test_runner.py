"""How a runner's end is told."""

from datetime import timedelta
from typing import Any

from daskflow.plan.dask_kubernetes.job.runner import Runner

from tests.unit.plan.dask_kubernetes.job.stage import container, ended, running
from tests.unit.plan.stage import NOW

NAMES = {"clusterName": "sums", "jobRunnerPodName": "sums-runner"}


def test_a_failure_is_told_with_what_the_container_said() -> None:
    died = container(terminated=ended(3, message="no such file"))
    over = running().runner_is("Failed", containerStatuses=[died]).settled()
    assert over.status["jobStatus"] == "Failed"
    assert set(over.status) == {"jobStatus", *NAMES, "startTime", "endTime"}
    assert any("Job failed, deleting Dask cluster." in each for each in over.told)
    assert over.annotations["daskflow.dev/message"] == (
        "FlowFailed: The runner has failed. Its container job ended with exit code 3: no such file."
    )


def test_an_evicted_runner_fails_the_job_whatever_its_restart_policy() -> None:
    over = running().runner_is("Failed", reason="Evicted", message="low on memory").settled()
    assert over.annotations["daskflow.dev/message"] == (
        "Evicted: The runner has failed. Its pod was ended by Kubernetes (Evicted): low on memory."
    )


def test_of_several_containers_each_that_failed_is_told() -> None:
    states = [container("a", terminated=ended(0)), container("b", terminated=ended(137, reason="OOMKilled"))]
    runner = Runner({**pod(), "status": {"phase": "Failed", "containerStatuses": states}})
    assert runner.end == "Its container b ended with exit code 137 (OOMKilled)."
    assert (runner.began_at, runner.ended_at) == (NOW, NOW + timedelta(seconds=10))


def test_one_that_never_started_tells_no_time() -> None:
    runner = Runner({**pod(), "status": {"phase": "Failed"}})
    assert (runner.began_at, runner.ended_at) == (None, None)
    assert runner.end == "Its pod failed, and no container tells why."


def test_a_container_that_could_not_be_started_has_not_begun_in_1970() -> None:
    over = ended(128, reason="StartError", startedAt="1970-01-01T00:00:00Z")
    runner = Runner(
        {**pod(), "status": {"phase": "Failed", "containerStatuses": [container(terminated=over)]}}
    )
    assert (runner.began_at, runner.ended_at) == (None, NOW + timedelta(seconds=10))


def test_what_a_container_wrote_is_one_line_of_bounded_length() -> None:
    state = container(terminated=ended(1, message="x" * 5000 + "\n\x1b[31mred"))
    runner = Runner({**pod(), "status": {"phase": "Failed", "containerStatuses": [state]}})
    assert runner.end.isprintable()
    assert len(runner.end) < 400


def pod() -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": "sums-runner", "uid": "r"}, "spec": {"containers": [{}]}}
