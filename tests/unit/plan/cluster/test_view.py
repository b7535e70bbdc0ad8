"""What policies look at: names and uids as they were written down."""

from dataclasses import replace
from typing import Any

from daskflow.api.names import API_VERSION, FLOW_RUN
from daskflow.manifests.naming import scheduler_name
from daskflow.manifests.objects import child_metadata

from tests.unit.plan.cluster.stage import running


def test_a_cluster_that_was_left_by_its_run_keeps_its_names() -> None:
    stage = running()
    record = {**stage.status["scheduler"], "pod": scheduler_name("shared")}
    stage = replace(stage, status={**stage.status, "scheduler": record})
    gone = stage.without(*(name for name in stage.pods if "worker" in name)).plan().creates
    made = {body["metadata"]["name"] for body in gone if body["kind"] == "Pod"}
    assert made == {"shared-worker-0", "shared-worker-1"}


def test_who_leases_a_cluster_after_another_changes_no_name() -> None:
    def named_by(name: str, uid: str) -> str:
        owner: dict[str, Any] = {
            "apiVersion": API_VERSION,
            "kind": FLOW_RUN,
            "metadata": {"name": name, "namespace": "data", "uid": uid},
        }
        run = {**owner, "status": {"attempts": [{"number": 1, "cluster": "shared", "startTime": "x"}]}}
        references = child_metadata(owner, "shared", {})["ownerReferences"]
        more = {
            "ownerReferences": references,
            "annotations": {"daskflow.dev/owner": f"FlowRun/a/{uid}/shared"},
        }
        stage = replace(running(), status={}, service=None, pods={}, more=more, owner=run)
        (service,) = [body for body in stage.plan().creates if body["kind"] == "Service"]
        return str(service["metadata"]["name"])

    assert named_by("one", "1") == named_by("other", "2") == "shared"


def test_one_that_its_run_let_go_before_anything_was_made_keeps_the_name_it_was_born_with() -> None:
    more = {"annotations": {"daskflow.dev/owner": "FlowRun/etl/u-1/shared"}}
    stage = replace(running(), status={}, service=None, pods={}, more=more)
    (service,) = [body for body in stage.plan().creates if body["kind"] == "Service"]
    assert service["metadata"]["name"] == "shared"
