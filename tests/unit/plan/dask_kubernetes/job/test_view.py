"""What counts as the runner, and as begun."""

from dataclasses import replace

import pytest

from tests.unit.plan.dask_kubernetes.job.stage import UID, JobStage, job, made, running


def test_a_job_of_the_published_operator_goes_on() -> None:
    """Its runner has no gate and none of our labels, and the job says nothing of a uid."""
    stage = running()
    meta = {**stage.resource["metadata"], "annotations": {"kopf.zalando.org/last-handled-configuration": "x"}}
    theirs = replace(stage, resource={**stage.resource, "metadata": meta})
    theirs = theirs.runner_has(labels={"dask.org/cluster-name": "sums", "dask.org/component": "job-runner"})
    taken_over = theirs.settled()
    assert taken_over.status == stage.status
    assert "kopf.zalando.org/last-handled-configuration" not in taken_over.annotations
    assert taken_over.annotations["daskflow.dev/runner-uid"] == f"{UID}/uid-sums-runner"
    assert taken_over.runner["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "daskflow"  # type: ignore[index]
    gone = replace(theirs, children=(stage.cluster,)).settled()  # type: ignore[arg-type]
    assert gone.status["jobStatus"] == "Failed"


@pytest.mark.parametrize(
    "value", ["another-job/uid-another-runner", "uid-another-runner", "nonsense/x/y", ""]
)
def test_a_job_made_out_of_anothers_yaml_runs(value: str) -> None:
    copied = JobStage(job(annotations={"daskflow.dev/runner-uid": value})).settled()
    assert copied.status == made().status
    assert copied.annotations["daskflow.dev/runner-uid"] == f"{UID}/uid-sums-runner"
    assert copied.runner["spec"]["schedulingGates"] == []  # type: ignore[index]
