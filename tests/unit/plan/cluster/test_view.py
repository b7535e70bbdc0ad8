"""What policies look at: names and uids as they were written down."""

from dataclasses import replace

from daskflow.manifests.naming import scheduler_name

from tests.unit.plan.cluster.stage import running


def test_a_cluster_that_was_left_by_its_run_keeps_its_names() -> None:
    stage = running()
    record = {**stage.status["scheduler"], "pod": scheduler_name("shared")}
    stage = replace(stage, status={**stage.status, "scheduler": record})
    gone = stage.without(*(name for name in stage.pods if "worker" in name)).plan().creates
    made = {body["metadata"]["name"] for body in gone if body["kind"] == "Pod"}
    assert made == {"shared-worker-0", "shared-worker-1"}
