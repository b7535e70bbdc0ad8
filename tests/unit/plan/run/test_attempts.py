"""What is written down of an attempt."""

from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, Stage, failed, opened, succeeded


def test_messages_of_closed_attempts_are_cut() -> None:
    long = {**failed(), "message": "x" * 1000}
    ended = opened().with_runner(exit_code=1, message=long).applied()
    assert len(ended.status["attempts"][0]["message"]) == 300
    assert len(ended.status["message"]) == 1000


def test_no_attempt_begins_before_its_run_was_created() -> None:
    behind = Stage().later(days=-1).applied()
    assert behind.attempt["startTime"] == behind.status["startTime"] == timestamp(NOW)
    assert behind.later(days=1, minutes=14).applied().status["phase"] == "Starting"
    assert behind.later(days=1, minutes=15).applied().status["reason"] == "DeadlineExceeded"


def test_a_run_that_ends_by_a_clock_that_is_behind_took_no_time() -> None:
    behind = Stage().later(minutes=-1).applied().with_cluster().with_scheduler()
    ended = behind.with_runner(exit_code=0, message=succeeded()).applied()
    assert (ended.status["phase"], ended.status["duration"]) == ("Succeeded", "0s")
