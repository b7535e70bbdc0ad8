"""Nodes that do not answer: nothing is begun beside pods that may still be running."""

from datetime import timedelta

from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, failed, opened, running

GONE_SINCE = timestamp(NOW - timedelta(minutes=1))


def test_a_node_that_does_not_answer_is_named_with_the_remedy_and_nothing_is_begun_beside_it() -> None:
    seen = opened().with_scheduler(started=True).with_runner(started=True, deletionTimestamp=GONE_SINCE)
    plan = seen.plan()
    assert plan.status is not None
    assert plan.status["reason"] == "NodeUnreachable"
    assert "out-of-service" in plan.status["message"]
    assert [event.type for event in plan.events] == ["Warning"]
    assert not seen.applied().plan().acts


def test_the_next_attempt_waits_for_a_pod_on_a_node_that_does_not_answer() -> None:
    said = {"outcome": failed(), "reason": "OutcomeReceived"}
    first = opened({"retries": {"limit": 1}}).with_scheduler(exit_code=0, message=said)
    stage = first.with_runner(started=True, deletionTimestamp=GONE_SINCE).applied().later(minutes=5)
    assert stage.status["phase"] == "Retrying"
    plan = stage.plan()
    assert plan.status is not None
    assert (plan.status["phase"], plan.status["reason"]) == ("Retrying", "NodeUnreachable")


def test_a_pod_that_was_told_to_go_is_looked_at_again_when_it_is_late() -> None:
    told = timestamp(NOW + timedelta(seconds=30))
    assert running(runner={"deletionTimestamp": told}).plan().requeue_at == NOW + timedelta(seconds=60)
