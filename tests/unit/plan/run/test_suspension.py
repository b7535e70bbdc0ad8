"""While a run is suspended nothing of it is made."""

from tests.unit.plan.stage import Stage


def test_nothing_is_created_while_suspended_and_the_time_counts_for_no_deadline() -> None:
    suspended = Stage().spec(suspend=True).applied()
    assert suspended.status["phase"] == "Suspended"
    assert not suspended.plan().acts
    resumed = suspended.spec(suspend=False).later(hours=1).applied().applied()
    assert resumed.status["phase"] == "Starting"
    assert not resumed.later(minutes=10).applied().status.get("completionTime")
