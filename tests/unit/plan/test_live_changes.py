"""What may change on a live run, and nodes that do not answer."""

from datetime import timedelta
from typing import Any

from daskflow.api.conditions import timestamp

from tests.unit.plan.stage import NOW, Stage, failed, opened

GONE_SINCE = timestamp(NOW - timedelta(minutes=1))


def running(spec: dict[str, Any] | None = None, **runner: Any) -> Stage:
    """A run whose flow has begun."""
    made = opened(spec).with_scheduler(started=True).with_runner(started=True, **runner)
    return made.with_worker(0, started=True).with_worker(1, started=True).applied()


def test_a_lowered_deadline_lowers_the_runners_own() -> None:
    stage = running({"deadlines": {"active": "2h"}})
    (patch,) = stage.plan().patches
    assert patch.body == {"spec": {"activeDeadlineSeconds": 7202}}
    stage.children[1]["spec"] = dict(patch.body["spec"])
    assert not stage.plan().patches
    (lowered,) = stage.spec(deadlines={"active": "1h"}).plan().patches
    assert lowered.body == {"spec": {"activeDeadlineSeconds": 3602}}


def test_more_workers_are_asked_of_the_cluster() -> None:
    (patch,) = running().spec(cluster={"workers": {"replicas": 5}}).plan().patches
    assert (patch.key.kind, patch.body) == ("DaskCluster", {"spec": {"workers": {"replicas": 5}}})


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
    assert running(deletionTimestamp=told).plan().requeue_at == NOW + timedelta(seconds=60)
