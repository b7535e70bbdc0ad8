"""The five fields of a DaskJob that clients read."""

from dataclasses import replace

from tests.unit.plan.dask_kubernetes.job.stage import running


def test_a_status_that_was_wiped_runs_nothing_again() -> None:
    stage = running().without("Pod")
    wiped = replace(stage, resource={**stage.resource, "status": {}}).settled()
    assert wiped.status["jobStatus"] == "Failed"
