"""While a run is suspended nothing of it is made."""

from dataclasses import replace
from datetime import timedelta

from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, Stage, failed, opened


def test_nothing_is_created_while_suspended_and_the_time_counts_for_no_deadline() -> None:
    suspended = Stage().spec(suspend=True).applied()
    assert suspended.status["phase"] == "Suspended"
    assert not suspended.plan().acts
    resumed = suspended.spec(suspend=False).later(hours=1).applied().applied()
    assert resumed.status["phase"] == "Starting"
    assert not resumed.later(minutes=10).applied().status.get("completionTime")


def test_a_suspension_that_a_clock_began_that_was_a_day_ahead_takes_nothing_off_the_deadline() -> None:
    failing = opened({"retries": {"limit": 1}, "deadlines": {"active": "1h"}}).with_scheduler()
    failing = failing.with_runner(exit_code=1, message=failed()).applied()
    suspended = replace(failing, children=(), members=()).spec(suspend=True).later(minutes=1).applied()
    tomorrow = {**suspended.status, "suspendTime": timestamp(NOW + timedelta(days=1))}
    ahead = replace(suspended, resource={**suspended.resource, "status": tomorrow}).later(minutes=1)
    assert ahead.spec(suspend=False).applied().status["phase"] == "Pending"
    right = ahead.applied()
    assert (right.status["phase"], right.status["suspendTime"]) == ("Suspended", timestamp(right.now))
    resumed = right.later(hours=2).spec(suspend=False).applied()
    assert resumed.status["suspendedSeconds"] == 2 * 3600
