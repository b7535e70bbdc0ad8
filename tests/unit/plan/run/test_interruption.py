"""What somebody else took from a run that goes on: its end says so, whatever the runner made of it."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.conditions import timestamp

from tests.unit.plan.run import test_cluster_ref
from tests.unit.plan.run.test_cluster_ref import shared, with_runner
from tests.unit.plan.stage import NOW, Stage, failed, opened, pod

BEGUN = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=2).applied()

GOING = {"deletionTimestamp": timestamp(NOW)}


def ended(stage: Stage, reason: str = "Terminated", **metadata: Any) -> Stage:
    """The runner ended with this reason."""
    name = next(each["metadata"]["name"] for each in stage.children if each["kind"] == "Pod")
    over = pod(name, "runner", exit_code=143, message=failed(reason), **metadata)
    return replace(stage.without_runner(), children=(*stage.without_runner().children, over))


@pytest.mark.parametrize("reason", ["Terminated", "SchedulerLost"])
def test_a_cluster_that_was_deleted_is_the_reason_whatever_its_runner_says(reason: str) -> None:
    runner = next(each for each in BEGUN.children if each["kind"] == "Pod")
    told = replace(BEGUN, children=(runner,), members=()).applied()
    assert told.status["reason"] == "RunnerLost"
    for stage in (told, replace(BEGUN, children=(runner,), members=())):
        status = ended(stage, reason).applied().status
        assert status["reason"] == "ClusterDeleted"
        assert status["message"].endswith("was deleted while the run needed it.")
        assert status["attempts"][0]["budget"] == "infrastructure"


def test_a_deleted_runner_is_said_to_be_and_not_by_us() -> None:
    status = ended(BEGUN, **GOING).applied().status
    assert status["reason"] == "RunnerLost"
    assert "-runner was deleted before the flow had an outcome, and not by the operator" in status["message"]
    assert status["attempts"][0]["budget"] == "infrastructure"
    silent = ended(BEGUN, **GOING)
    silent.children[-1]["status"]["containerStatuses"][0]["state"]["terminated"]["message"] = ""
    later = silent.later(minutes=10).applied().status
    assert "not by the operator" in later["message"]


def test_a_runner_that_only_got_a_signal_was_not_deleted() -> None:
    status = ended(BEGUN).applied().status
    assert (status["reason"], status["message"]) == ("Terminated", "Terminated.")


@pytest.mark.parametrize("wish", [{"cancel": True}, {"suspend": True}])
def test_a_wish_to_end_wins(wish: dict[str, Any]) -> None:
    assert ended(BEGUN, **GOING).spec(**wish).applied().status["reason"] in ("Cancelled", "Suspended")


@pytest.mark.parametrize(
    ("cluster", "reason", "says"),
    [
        (None, "ClusterMissing", '"shared" (spec.clusterRef) was deleted while the run used it.'),
        (shared(metadata={"uid": "another"}), "ClusterMissing", "was deleted while the run used it."),
        (shared(metadata=GOING), "ClusterMissing", "was deleted while the run used it."),
        (shared(suspend=True), "ClusterNotReady", "was suspended while the run used it."),
        (shared("Suspended"), "ClusterNotReady", "was suspended while the run used it."),
        (shared("Failed"), "ClusterNotReady", "became Failed while the run used it: It is so."),
        (shared("Ready"), "SchedulerLost", "SchedulerLost."),
    ],
)
def test_a_guest_tells_what_became_of_the_cluster_it_used(
    cluster: dict[str, Any] | None, reason: str, says: str
) -> None:
    stage = with_runner(test_cluster_ref.opened(shared())).applied()
    report = pod("x", "runner", exit_code=1, message=failed("SchedulerLost"))["status"]
    (runner,) = stage.children
    over = replace(stage, children=({**runner, "status": report},), more={"reference": cluster})
    status = over.applied().status
    assert status["reason"] == reason
    assert says in status["message"]
    assert status["attempts"][0]["budget"] == "infrastructure"
