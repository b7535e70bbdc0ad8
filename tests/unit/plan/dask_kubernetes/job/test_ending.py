"""What ends a DaskJob, and what is left of it then."""

from dataclasses import replace
from datetime import timedelta

from daskflow.api.conditions import timestamp
from daskflow.plan.model import Key, Refusal

from tests.unit.plan.dask_kubernetes.job.stage import (
    SPEC,
    UID,
    JobStage,
    container,
    ended,
    job,
    made,
    running,
)
from tests.unit.plan.stage import DELETED, NOW

NAMES = {"clusterName": "sums", "jobRunnerPodName": "sums-runner"}
STARTED = {"startTime": "2026-03-01T12:00:00Z"}


def test_success_takes_the_cluster_first_and_keeps_the_runner() -> None:
    done = running().runner_is("Succeeded", containerStatuses=[container(terminated=ended(0))])
    first = done.plan()
    assert [delete.key.kind for delete in first.deletes] == ["DaskCluster.kubernetes.dask.org"]
    assert first.status is None
    over = done.settled()
    end = {"jobStatus": "Successful", **NAMES, **STARTED, "endTime": "2026-03-01T12:00:10Z"}
    assert over.status == end
    assert over.runner is not None
    assert over.cluster is None
    assert "Job succeeded, deleting Dask cluster." in over.told[-1]


def test_a_runner_that_was_deleted_is_never_made_again() -> None:
    lost = running().without("Pod").settled()
    assert lost.status["jobStatus"] == "Failed"
    assert lost.cluster is None
    assert lost.annotations["daskflow.dev/message"].startswith("RunnerLost: ")
    assert not lost.later(days=1).plan().acts


def test_an_end_that_was_seen_before_the_pod_went_counts() -> None:
    last = running().runner_is("Succeeded", containerStatuses=[container(terminated=ended(0))]).runner
    over = running().without("Pod").but(last_pod=last).settled()
    assert over.status["jobStatus"] == "Successful"


def test_a_pod_that_had_not_ended_when_it_went_tells_nothing() -> None:
    lost = running()
    over = lost.without("Pod").but(last_pod=lost.runner).settled()
    assert over.annotations["daskflow.dev/message"].startswith("RunnerLost: ")


def test_a_node_that_does_not_answer_fails_the_job() -> None:
    going = running().runner_has(deletionTimestamp=timestamp(NOW + timedelta(seconds=30)))
    waiting = going.later(seconds=40)
    assert not waiting.plan().acts
    assert waiting.plan().requeue_at == NOW + timedelta(seconds=60)
    over = going.later(seconds=61).settled()
    assert over.status["jobStatus"] == "Failed"
    assert over.annotations["daskflow.dev/message"].startswith("NodeUnreachable: ")


def test_a_runner_whose_cluster_was_deleted_has_a_minute() -> None:
    alone = running().later(seconds=100).without("DaskCluster")
    told = alone.settled()
    assert told.runner["spec"]["activeDeadlineSeconds"] == 160  # type: ignore[index]
    assert told.status["jobStatus"] == "Running"
    assert told.told[-1].startswith("ClusterDeleted: ")
    assert not told.later(seconds=30).plan().acts
    closed = told.runner_is("Succeeded", containerStatuses=[container(terminated=ended(0))]).settled()
    assert closed.status["jobStatus"] == "Successful"
    ends = told.runner_is("Failed", reason="DeadlineExceeded", message="Pod was active too long").settled()
    assert ends.status["jobStatus"] == "Failed"
    assert ends.annotations["daskflow.dev/message"] == (
        "ClusterDeleted: The DaskCluster sums was deleted while the runner ran, which has not ended in the "
        "60 s after that and was ended."
    )


def test_a_runner_that_its_users_own_deadline_ends_is_not_said_to_have_lost_its_cluster() -> None:
    spec = {**SPEC, "job": {"spec": {**SPEC["job"]["spec"], "activeDeadlineSeconds": 30}}}
    begun = JobStage(job(spec)).settled()
    ends = begun.runner_is("Failed", reason="DeadlineExceeded", message="Pod was active too long").settled()
    assert ends.cluster is None
    assert ends.annotations["daskflow.dev/message"].startswith("FlowFailed: ")


def test_a_deadline_of_the_users_that_comes_later_is_lowered_once() -> None:
    spec = {**SPEC, "job": {"spec": {**SPEC["job"]["spec"], "activeDeadlineSeconds": 86400}}}
    begun = JobStage(job(spec)).settled()
    state = container(running={"startedAt": timestamp(NOW)})
    alone = begun.runner_is("Running", containerStatuses=[state]).settled().without("DaskCluster").settled()
    assert alone.runner["spec"]["activeDeadlineSeconds"] == 60  # type: ignore[index]


def test_a_cluster_that_goes_before_the_runner_has_a_node_ends_the_job_and_the_pod() -> None:
    pending = made()
    pending = pending.runner_is("Pending")
    bare = {**pending.runner, "status": {"phase": "Pending"}}  # type: ignore[dict-item]
    stage = replace(pending, children=(bare,))
    over = stage.settled()
    assert over.status["jobStatus"] == "Failed"
    assert over.runner is None


def test_a_refused_delete_of_the_cluster_does_not_keep_the_job_from_ending() -> None:
    key = Key("DaskCluster.kubernetes.dask.org", "data", "sums")
    refusal = Refusal(key, 403, "forbidden", verb="delete", rightless=True)
    done = running().runner_is("Succeeded").but(refused_writes=(refusal,))
    assert done.plan().status["jobStatus"] == "Successful"  # type: ignore[index]


def test_a_cluster_that_is_made_late_goes_when_the_job_is_over() -> None:
    over = running().runner_is("Succeeded").settled()
    late = replace(over, children=(*over.children, made().cluster))  # type: ignore[arg-type]
    assert late.settled().cluster is None


def test_a_job_that_is_kept_by_a_finalizer_ends() -> None:
    stage = running()
    deleted = replace(
        stage, resource={**stage.resource, "metadata": {**stage.resource["metadata"], **DELETED}}
    )
    over = deleted.settled()
    assert over.status["jobStatus"] == "Failed"
    assert over.cluster is None
    assert over.runner["spec"]["activeDeadlineSeconds"] == 1  # type: ignore[index]


def test_the_job_itself_is_never_deleted() -> None:
    over = running().runner_is("Succeeded").settled()
    assert all(delete.uid != UID for delete in over.later(days=900).plan().deletes)


def test_a_second_runner_is_no_runner() -> None:
    """A create that was given up has landed after the runner was gone: it does not begin, and it goes."""
    stage = running()
    another = {**JobStage().applied(JobStage().plan()).runner}  # type: ignore[dict-item]
    another["metadata"] = {**another["metadata"], "uid": "another"}
    over = replace(stage.without("Pod"), children=(stage.cluster, another)).settled()  # type: ignore[arg-type]
    assert over.status["jobStatus"] == "Failed"
    assert over.runner is None
