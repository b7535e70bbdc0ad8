"""When clusters are made: their numbers are noted first, and what fails or is refused waits."""

from dataclasses import replace

from daskflow.api.names import LABEL_POOL
from daskflow.plan.model import Key, Refusal

from tests.unit.plan.pool.stage import PoolStage, full, pool


def test_clusters_are_made_and_noted_before() -> None:
    plan = PoolStage().plan()
    assert plan.status is not None
    assert plan.status["ordinal"] == 2
    assert [body["metadata"]["name"].rpartition("-")[2] for body in plan.creates] == ["1", "2"]
    for body in plan.creates:
        assert body["metadata"]["labels"][LABEL_POOL] == "small"
        assert body["spec"]["standby"] == {"preload": [], "prefect": False, "maxAge": "12h"}
        assert body["spec"]["workers"] == {"replicas": 1}


def test_a_cluster_that_ends_is_made_again_after_a_backoff() -> None:
    failed = {"phase": "Failed", "reason": "ImagePullFailed", "message": "No such image."}
    first = PoolStage(pool({"ready": 1})).settled().with_status(failed)
    gone = first.settled()
    assert gone.names == []
    assert gone.status["failures"] == 1
    name = first.units[0]["metadata"]["name"]
    said = f"the last one ended early. {name}: No such image."
    assert gone.status["message"] == f"0 of 1 cluster is waiting; {said}"
    again = gone.later(seconds=2).settled()
    assert again.names == ["2"]
    second = again.with_status(failed).settled()
    assert second.later(seconds=3).settled().names == []
    third = second.later(seconds=4).settled()
    assert third.names == ["3"]
    well = third.later(seconds=1).waiting().settled()
    assert well.status["failures"] == 0


def test_what_the_quota_refuses_is_tried_again_under_its_name() -> None:
    begun = PoolStage(pool({"ready": 1})).settled()
    name = begun.units[0]["metadata"]["name"]
    refused = Refusal(Key("DaskCluster", "data", name), 403, "exceeded quota: objects, ...")
    stage = replace(begun, units=(), more={"refusals": (refused,)}).settled()
    assert stage.names == []
    assert stage.status["reason"] == "QuotaExceeded"
    again = replace(stage, more={"refusals": (replace(refused, retry=True),)}).plan()
    assert [body["metadata"]["name"] for body in again.creates] == [name]


def test_one_that_is_not_removed_is_counted_once() -> None:
    failed = {"phase": "Failed", "message": "No."}
    stage = PoolStage(pool({"ready": 1})).settled().with_status(failed)
    counted = replace(stage, resource={**stage.resource, "status": dict(stage.plan().status or {})})
    assert counted.status["failures"] == 1
    again = counted.plan()
    assert again.status is None
    assert again.deletes


def test_one_that_had_waited_for_hours_is_no_failure() -> None:
    said = {"phase": "Failed", "message": "Drained.", "standby": {"waited": True}}
    drained = full(ready=1).later(hours=3).with_status(said)
    assert drained.settled().status["failures"] == 0
    assert drained.settled().names == ["2"]


def test_a_clock_that_was_ahead_keeps_no_cluster_from_being_made() -> None:
    claimed = full(ready=1).claimed(0).settled()
    resource = {**claimed.resource, "status": {**claimed.status, "lastClaimTime": "2026-03-01T14:00:00Z"}}
    assert replace(claimed, resource=resource).later(seconds=6).settled().names == ["2"]
