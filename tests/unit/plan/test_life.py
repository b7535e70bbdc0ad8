"""Retries, deadlines, cancellation, suspension: what a run's user asked for, as tables."""

from datetime import timedelta

import pytest
from daskflow.api.flowrun import Backoff, Never, Retries
from daskflow.api.flowrun_status import Failures
from daskflow.plan.run import retries

from tests.unit.plan.stage import NOW, Stage, failed, kinds, opened

ONE = Failures(flow=1)


@pytest.mark.parametrize(
    ("spec", "failures", "budget", "exit_code", "exceptions", "allowed"),
    [
        (Retries(), ONE, "flow", 1, (), False),
        (Retries(limit=1), ONE, "flow", 1, (), True),
        (Retries(limit=1), Failures(flow=2), "flow", 1, (), False),
        (Retries(limit=1, never=Never(exit_codes=(2,))), ONE, "flow", 2, (), False),
        (
            Retries(limit=1, never=Never(exceptions=("OSError",))),
            ONE,
            "flow",
            1,
            ("IOError", "OSError"),
            False,
        ),
        (Retries(), Failures(infrastructure=1), "infrastructure", None, (), False),
        (Retries(limit=1), Failures(infrastructure=1), "infrastructure", None, (), True),
        (
            Retries(infrastructure_limit=2),
            Failures(flow=5, infrastructure=2),
            "infrastructure",
            None,
            (),
            True,
        ),
        (Retries(), Failures(start=3), "start", None, (), True),
        (Retries(), Failures(start=4), "start", None, (), False),
        (Retries(limit=9), Failures(), "none", 1, (), False),
    ],
)
def test_allowed(
    spec: Retries,
    failures: Failures,
    budget: str,
    exit_code: int | None,
    exceptions: tuple[str, ...],
    allowed: bool,
) -> None:
    assert retries.allowed(spec, failures, budget, exit_code, exceptions) is allowed


@pytest.mark.parametrize(
    ("count", "low", "high"), [(1, 10, 11), (2, 20, 22), (3, 40, 44), (9, 300, 330), (99, 300, 330)]
)
def test_backoff_doubles_up_to_its_maximum_with_a_tenth_of_jitter(count: int, low: int, high: int) -> None:
    waits = {retries.backoff(Backoff(), Failures(flow=count), f"uid-{number}") for number in range(50)}
    assert min(waits) >= low
    assert max(waits) <= high


def test_a_failed_attempt_is_followed_by_another_on_a_fresh_cluster() -> None:
    stage = opened({"retries": {"limit": 1}}).with_runner(exit_code=1, message=failed()).applied()
    assert stage.status["phase"] == "Retrying"
    assert [delete.key.kind for delete in stage.plan().deletes] == ["DaskCluster"]
    waiting = stage.later(minutes=1).plan()
    assert waiting.status is not None
    assert waiting.status["reason"] == "WaitingForEarlier"
    gone = Stage(stage.resource, stage.children[1:], (), NOW + timedelta(minutes=1))
    second = gone.applied()
    assert [attempt["number"] for attempt in second.status["attempts"]] == [1, 2]
    assert kinds(second.plan().creates) == ["DaskCluster"]


def test_an_attempt_whose_pod_still_lives_keeps_the_next_one_waiting() -> None:
    stage = opened({"retries": {"limit": 1}}).with_scheduler(
        exit_code=0, message={"outcome": failed(), "reason": "OutcomeReceived"}
    )
    alive = stage.with_runner(started=True).applied().later(minutes=5)
    plan = alive.plan()
    assert plan.status is not None
    assert plan.status["reason"] == "WaitingForEarlier"
    assert plan.patches


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


def test_nothing_is_created_while_suspended_and_the_time_counts_for_no_deadline() -> None:
    suspended = Stage().spec(suspend=True).applied()
    assert suspended.status["phase"] == "Suspended"
    assert not suspended.plan().acts
    resumed = suspended.spec(suspend=False).later(hours=1).applied().applied()
    assert resumed.status["phase"] == "Starting"
    assert not resumed.later(minutes=10).applied().status.get("completionTime")


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
