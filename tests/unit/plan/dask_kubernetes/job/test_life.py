"""A DaskJob as a whole, whatever was missed."""

import pytest
from daskflow.api.conditions import timestamp

from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.job.stage import JobStage, container, ended, job, made
from tests.unit.plan.dask_kubernetes.strange import strange
from tests.unit.plan.stage import NOW


@pytest.mark.parametrize("phase", ["Running", "Succeeded", "Failed"])
def test_whatever_was_missed_the_end_is_the_same(phase: str) -> None:
    """From the moment that the runner may start, nothing of its life need be heard but its end."""
    state = container(terminated=ended(0)) if phase == "Succeeded" else container(terminated=ended(1))
    if phase == "Running":
        state = container(running={"startedAt": timestamp(NOW)})
    seen = made().runner_is(phase, containerStatuses=[state]).settled()
    word = {"Running": "Running", "Succeeded": "Successful", "Failed": "Failed"}[phase]
    assert seen.status["jobStatus"] == word
    assert seen.status["startTime"] == "2026-03-01T12:00:00Z"


def test_a_strangers_object_stops_nobody() -> None:
    """With nothing around it, and when all that was made of it is there."""
    for resource in strange("DaskJob", specs.JOB):
        stage = JobStage({**resource, "metadata": {**job()["metadata"], **resource["metadata"]}})
        plan = stage.plan()
        if "status" not in resource:
            made_of_it = stage.applied(plan)
            made_of_it.applied(made_of_it.plan()).plan()
