"""Cluster and runner are made once, and the runner starts when it is written down which it is."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.plan.model import Key, Occupied, Refusal

from tests.unit.plan.dask_kubernetes.job.stage import SPEC, UID, JobStage, job, made, running

NAMES = {"clusterName": "sums", "jobRunnerPodName": "sums-runner"}


def test_cluster_and_runner_are_made_at_once_with_the_status_that_the_job_was_seen() -> None:
    plan = JobStage().plan()
    assert plan.status == {"jobStatus": "JobCreated"}
    assert [body["kind"] for body in plan.creates] == ["DaskCluster", "Pod"]
    assert "A DaskJob has been created called sums in data." in plan.events[0].message


def test_the_runner_may_start_only_when_it_is_written_down_which_it_is() -> None:
    seen = JobStage().applied(JobStage().plan())
    assert seen.runner is not None
    assert seen.runner["spec"]["schedulingGates"] == [{"name": "daskflow.dev/journal"}]
    written = seen.applied(seen.plan())
    assert written.status == {"jobStatus": "ClusterCreated", **NAMES}
    assert written.annotations["daskflow.dev/runner-uid"] == f"{UID}/uid-sums-runner"
    assert written.runner["spec"]["schedulingGates"]  # type: ignore[index]
    assert made().runner["spec"]["schedulingGates"] == []  # type: ignore[index]


def test_a_gate_of_somebody_else_stays() -> None:
    spec = {**SPEC, "job": {"spec": {**SPEC["job"]["spec"], "schedulingGates": [{"name": "x/y"}]}}}
    stage = JobStage(job(spec)).settled()
    assert stage.runner["spec"]["schedulingGates"] == [{"name": "x/y"}]  # type: ignore[index]


def test_one_that_may_not_have_started_yet_is_made_again() -> None:
    gated = JobStage().applied(JobStage().plan()).without("Pod")
    assert gated.settled().status["jobStatus"] == "ClusterCreated"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, "spec.job"),
        ({**SPEC, "job": None}, "spec.job"),
        ({**SPEC, "job": {"spec": {"containers": []}}}, "spec.job.spec.containers"),
        ({**SPEC, "job": {"spec": {"containers": None}}}, "spec.job.spec.containers"),
        ({**SPEC, "job": {"spec": {"containers": "x"}}}, "spec.job.spec.containers"),
        ({**SPEC, "job": {"spec": {"containers": [None]}}}, "spec.job.spec.containers"),
        ({**SPEC, "job": {"spec": {"containers": [{"env": [7]}]}}}, "spec.job.spec.containers"),
        ({**SPEC, "job": {"spec": {"containers": [{}], "schedulingGates": 7}}}, "schedulingGates"),
        ({**SPEC, "cluster": {"spec": None}}, "spec.cluster"),
        ({**SPEC, "cluster": {"spec": {"worker": None, "scheduler": None}}}, "spec.cluster.spec"),
        (None, "spec.job"),
        (7, "spec"),
    ],
)
def test_nonsense_fails_the_job_with_one_sentence_and_makes_nothing(spec: Any, words: str) -> None:
    over = JobStage(job(spec)).settled()
    assert over.status["jobStatus"] == "Failed"
    assert set(over.status) == {"jobStatus", "endTime"}
    assert over.children == ()
    assert words in over.annotations["daskflow.dev/message"]


@pytest.mark.parametrize("name", ["x" * 54, "a.b", "9-"])
def test_a_name_that_no_cluster_may_have_fails_the_job(name: str) -> None:
    over = JobStage(job(name=name)).settled()
    assert over.status["jobStatus"] == "Failed"
    assert over.children == ()


def test_a_spec_that_is_made_nonsense_later_changes_nothing() -> None:
    stage = running()
    broken = replace(stage, resource={**stage.resource, "spec": {}})
    assert not broken.plan().acts


@pytest.mark.parametrize(
    "key", [Key("DaskCluster.kubernetes.dask.org", "data", "sums"), Key("Pod", "data", "sums-runner")]
)
def test_a_taken_name_is_told_and_waited_for(key: Key) -> None:
    seen = JobStage().applied(JobStage().plan().but(creates=()))
    blocked = seen.but(occupied=(Occupied(key, owner_uid="x", owner_name="other"),)).settled()
    assert blocked.status == {"jobStatus": "JobCreated"}
    assert blocked.told[-1].startswith("NameConflict: ")
    assert blocked.plan().requeue_at is not None
    free = replace(blocked, more={}).settled()
    assert free.status["jobStatus"] == "ClusterCreated"
    assert "daskflow.dev/message" not in free.annotations


def test_what_the_api_server_never_takes_fails_the_job_and_leaves_nothing() -> None:
    seen = JobStage().applied(JobStage().plan())
    key = Key("Pod", "data", "sums-runner")
    denied = seen.without("Pod").but(refusals=(Refusal(key, 403, "violates PodSecurity restricted"),))
    over = denied.settled()
    assert over.status["jobStatus"] == "Failed"
    assert over.children == ()
    assert "violates PodSecurity" in over.annotations["daskflow.dev/message"]


def test_a_full_quota_is_told_and_tried_again() -> None:
    seen = JobStage().applied(JobStage().plan()).without("Pod")
    refusal = Refusal(Key("Pod", "data", "sums-runner"), 403, "exceeded quota: q")
    waiting = seen.but(refusals=(refusal,)).settled()
    assert waiting.status == {"jobStatus": "JobCreated"}
    assert waiting.told[-1].startswith("QuotaExceeded: ")
    again = replace(waiting, more={"refusals": (replace(refusal, retry=True),)}).plan()
    assert [body["kind"] for body in again.creates] == ["Pod"]


def test_a_cluster_that_cannot_be_ends_the_job() -> None:
    stage = made()
    bad = {**stage.cluster, "status": {"phase": "Error", "message": "no."}}  # type: ignore[dict-item]
    over = replace(stage, children=(bad, stage.runner)).settled()  # type: ignore[arg-type]
    assert over.status["jobStatus"] == "Failed"
    assert over.annotations["daskflow.dev/message"] == (
        "ClusterUnfit: The DaskCluster sums cannot be made: no."
    )


def test_a_runner_with_certificates_is_made_after_the_cluster_whose_they_are() -> None:
    first = JobStage(job(annotations={"daskflow.dev/tls": "All"}))
    plan = first.plan()
    (cluster,) = plan.creates
    assert cluster["metadata"]["annotations"]["daskflow.dev/tls"] == "All"
    stage = first.applied(plan).settled()
    assert stage.runner is not None
    variables = {each["name"]: each["value"] for each in stage.runner["spec"]["containers"][0]["env"]}
    assert variables["DASK_SCHEDULER_ADDRESS"].startswith("tls://sums-scheduler.data.")
    assert variables["DASK_DISTRIBUTED__COMM__TLS__CA_FILE"] == "/daskflow/ca.crt"


def test_a_wrong_annotation_fails_the_job() -> None:
    plan = JobStage(job(annotations={"daskflow.dev/tls": "yes"})).plan()
    assert plan.status is not None
    assert plan.status["jobStatus"] == "Failed"
    assert not plan.creates
