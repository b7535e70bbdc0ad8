"""When an attempt is over, and its end certain. The flow's own word wins over everything."""

from dataclasses import replace

from tests.unit.plan.stage import NOW, failed, opened, succeeded


def test_success_wins_over_a_later_cancellation_and_deadline() -> None:
    stage = opened({"deadlines": {"active": "1m"}}).with_runner(exit_code=0, message=succeeded())
    assert stage.spec(cancel=True).later(hours=1).applied().status["phase"] == "Succeeded"


def test_a_runner_without_outcome_waits_for_the_schedulers_copy_but_not_for_ever() -> None:
    stage = opened().with_scheduler(started=True).with_runner(exit_code=137)
    waiting = stage.applied()
    assert waiting.status["phase"] == "Starting"
    assert stage.plan().requeue_at is not None
    assert waiting.later(minutes=2).applied().status["phase"] == "Failed"


def test_a_runner_that_never_began_is_made_again_in_the_same_attempt() -> None:
    stage = opened().with_scheduler(started=True).with_runner().without_runner()
    assert [child["kind"] for child in stage.plan().creates] == ["Pod"]


def test_a_runner_that_had_begun_is_not_made_again() -> None:
    running = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=2).applied()
    plan = running.without_runner().plan()
    assert not plan.creates
    assert plan.status is not None
    assert plan.status["reason"] == "RunnerLost"


def test_a_deleted_scheduler_ends_a_runner_that_has_not_begun() -> None:
    plan = opened().with_runner().plan()
    assert [patch.key.name for patch in plan.patches] == [
        opened().with_runner().children[1]["metadata"]["name"]
    ]


def test_a_cluster_deleted_by_somebody_else_fails_the_attempt() -> None:
    running = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=2).applied()
    gone = replace(running, children=(), members=(), now=NOW)
    assert gone.applied().status["reason"] == "ClusterDeleted"


def test_a_cluster_deleted_before_the_flow_was_seen_to_begin_is_not_made_again() -> None:
    deleted = replace(opened().with_runner(), members=())
    deleted = replace(deleted, children=tuple(each for each in deleted.children if each["kind"] == "Pod"))
    without = deleted.applied().without_runner()
    assert without.plan().creates == ()
    assert without.applied().status["reason"] == "ClusterDeleted"


def test_a_success_that_is_learned_after_a_suspension_is_the_runs_outcome() -> None:
    suspended = opened().spec(suspend=True).applied()
    assert suspended.status["attempts"][0]["outcome"] == "Suspended"
    landed = suspended.with_runner(exit_code=0, message=succeeded())
    for stage in (landed, landed.spec(suspend=False)):
        after = stage.applied()
        assert after.status["phase"] == "Succeeded"
        assert after.status["attempts"][0]["outcome"] == "Succeeded"
        assert "suspendTime" not in after.status
        assert after.status["result"] == 1
        assert after.later(minutes=1).plan().status is None


def test_a_failure_that_is_learned_after_a_suspension_does_not_undo_it() -> None:
    landed = opened().spec(suspend=True).applied().with_runner(exit_code=1, message=failed())
    resumed = landed.spec(suspend=False).applied()
    assert (resumed.status["phase"], resumed.status["attempts"][0]["outcome"]) == ("Suspended", "Suspended")
