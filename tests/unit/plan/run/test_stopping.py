"""Cancellation, deadlines, suspension: an open attempt is ended, and counts as what was wished."""

from typing import Any

import pytest

from tests.unit.plan.stage import Stage, failed, opened


@pytest.mark.parametrize(
    ("spec", "change", "after", "reason"),
    [
        ({}, {"cancel": True}, 0, "Cancelled"),
        ({}, {"suspend": True}, 0, "Suspended"),
        ({"deadlines": {"start": "10s"}}, {}, 10, "DeadlineExceeded"),
        ({"deadlines": {"active": "20s"}}, {}, 20, "DeadlineExceeded"),
    ],
)
def test_an_attempt_is_ended_gently_and_then_counts_as_what_was_wished(
    spec: dict[str, object], change: dict[str, object], after: int, reason: str
) -> None:
    stage = opened(spec).with_scheduler().with_runner()
    asked = stage.spec(**change).later(seconds=after)
    plan = asked.plan()
    assert plan.status is not None
    assert plan.status["reason"] == "Cancelling"
    assert [patch.body["spec"] for patch in plan.patches] == [{"activeDeadlineSeconds": 1}]
    ended = opened(spec).with_scheduler().with_runner(exit_code=143, message=failed("Terminated"))
    done = ended.spec(**change).later(seconds=after).applied()
    assert done.status["reason"] == reason
    assert done.status["attempts"][0]["endTime"]


def test_cancellation_is_latched() -> None:
    asked = opened().with_scheduler().with_runner().spec(cancel=True).applied()
    assert asked.status["cancelRequested"] is True
    undone = asked.spec(cancel=False)
    assert undone.plan().patches


def test_cancelled_before_anything_runs_ends_at_once() -> None:
    assert Stage().spec(cancel=True).applied().status["phase"] == "Cancelled"
    assert Stage().applied().spec(cancel=True).applied().status["phase"] == "Cancelled"


def test_suspended_in_the_middle_of_an_attempt() -> None:
    spec = {"deadlines": {"active": "1m"}}
    ended = opened(spec).with_scheduler().with_runner(exit_code=143, message=failed("Terminated"))
    suspended = ended.spec(suspend=True).applied()
    assert suspended.status["phase"] == "Suspended"
    assert {delete.key.kind for delete in suspended.plan().deletes} == {"DaskCluster", "Pod"}
    empty = Stage(suspended.resource, (), (), suspended.now).spec(suspend=False).later(hours=1)
    again = empty.applied().applied()
    assert again.status["attempt"] == 2
    assert again.status["suspendedSeconds"] == 3600
    assert again.status["failures"] == {"flow": 0, "infrastructure": 0, "start": 0}


def test_a_runner_that_the_kubelet_ended_at_its_deadline_has_exceeded_the_runs() -> None:
    spec = {"deadlines": {"active": "20s"}}
    early = {"reason": "DeadlineExceeded"}
    stage = (
        opened(spec).with_scheduler().with_runner(exit_code=143, message=failed("Terminated"), status=early)
    )
    assert stage.later(seconds=19).applied().status["reason"] == "DeadlineExceeded"


@pytest.mark.parametrize("change", [{"cancel": True}, {"suspend": True}, {"deadlines": {"active": "20s"}}])
def test_what_a_flow_raises_when_it_is_told_to_end_is_kept_and_spends_no_budget(
    change: dict[str, object],
) -> None:
    last = failed(
        "Terminated", failure={"exception": "RuntimeError", "message": "job failed", "traceback": ""}
    )
    ended = opened().with_scheduler().with_runner(exit_code=1, message=last)
    done = ended.spec(**change).later(seconds=20).applied()
    assert done.status["reason"] in ("Cancelled", "Suspended", "DeadlineExceeded")
    assert done.status["failures"] == {"flow": 0, "infrastructure": 0, "start": 0}
    assert done.status["failure"]["exception"] == "RuntimeError"


@pytest.mark.parametrize("change", [{"cancel": True}, {"suspend": True}])
def test_a_scheduler_that_is_lost_while_the_flow_ends_changes_nothing(change: dict[str, object]) -> None:
    ended = opened().with_scheduler().with_runner(exit_code=1, message=failed("SchedulerLost"))
    assert ended.applied().status["reason"] == "SchedulerLost"
    assert ended.spec(**change).applied().status["reason"] in ("Cancelled", "Suspended")


def test_a_start_deadline_says_the_same_however_often_it_is_looked_at() -> None:
    late = opened({"deadlines": {"start": "60s"}}).with_runner().with_scheduler().later(seconds=61).applied()
    assert late.plan().status is None
    assert late.status["message"].count("had not begun") == 1
    assert "starting scheduler" in late.status["message"]


def test_a_suspension_taken_back_while_the_flow_ends_is_still_one() -> None:
    asked = opened().with_scheduler().with_runner(started=True).applied().spec(suspend=True).applied()
    back = asked.spec(suspend=False)
    runner: dict[str, Any] = {"exit_code": 143, "message": failed("Terminated")}
    ended = back.without_runner().with_cluster().with_runner(**runner).applied()
    assert ended.status["attempts"][0]["outcome"] == "Suspended"


@pytest.mark.parametrize(("workers", "advised"), [(2, True), (0, False)])
def test_more_workers_are_advised_where_there_are_any(workers: int, advised: bool) -> None:
    stage = opened({"cluster": {"workers": {"replicas": workers}}, "deadlines": {"active": "3m"}})
    message = stage.with_runner(started=True).later(minutes=4).applied().status["message"]
    assert "raise it for the next run" in message
    assert ("more workers" in message) == advised


def test_what_keeps_a_pod_from_starting_explains_that_deadline_too() -> None:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}
    stage = opened({"deadlines": {"active": "3m", "start": "9m"}}).with_scheduler(started=True)
    stage = stage.with_runner(phase="Pending", conditions=(condition,)).applied()
    message = stage.later(minutes=4).applied().status["message"]
    assert "(3m); what was last said of it: No node takes pod" in message
