"""A pod that was asked to end and does not: deleted, then said to be on a node that does not answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.plan.model import Plan, Refusal, Verb
from daskflow.plan.pod.nodes import OFF_FOR_GOOD
from daskflow.plan.pod.pod import Pod
from daskflow.plan.pod.termination import PATIENCE, end
from daskflow.plan.refusals import heeded

from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.stage import NOW, Stage, opened

GRACE = timedelta(seconds=30)


def asked(stage: Stage, **wish: Any) -> Stage:
    """The wish was heard, and the runner's pod was asked to end."""
    heard = stage.spec(**wish).applied()
    (patch,) = heard.plan().patches
    pod = heard.children[-1]
    pod["metadata"]["annotations"] = patch.body["metadata"]["annotations"]
    pod["spec"] = dict(patch.body["spec"])
    return heard


def running(spec: dict[str, Any] | None = None) -> Stage:
    """A flow that runs."""
    return opened(spec).with_scheduler(started=True).with_runner(started=True).applied()


def test_a_pod_that_does_not_heed_its_deadline_is_deleted() -> None:
    stage = asked(running(), cancel=True)
    due = NOW + GRACE + PATIENCE
    assert not stage.plan().acts
    assert stage.plan().requeue_at == due
    late = stage.later(seconds=(due - NOW).total_seconds()).plan()
    assert [delete.key.name for delete in late.deletes] == [stage.children[-1]["metadata"]["name"]]


@pytest.mark.parametrize("lost", [None, "soon", timestamp(NOW + timedelta(days=1))])
def test_a_pod_on_which_nobody_knows_since_when_it_was_asked_is_asked_anew(lost: str | None) -> None:
    stage = asked(running(), cancel=True)
    stage.children[-1]["metadata"]["annotations"] = {"daskflow.dev/ending": lost} if lost else {}
    later = stage.later(hours=1)
    (patch,) = later.plan().patches
    assert patch.body["metadata"]["annotations"] == {"daskflow.dev/ending": timestamp(later.now)}


@pytest.mark.parametrize(
    ("spec", "wish", "reason"),
    [({}, {"cancel": True}, "Cancelled"), ({"deadlines": {"active": "1h"}}, {}, "DeadlineExceeded")],
)
def test_a_node_that_does_not_answer_holds_up_no_end_that_nothing_follows(
    spec: dict[str, Any], wish: dict[str, Any], reason: str
) -> None:
    stage = running(spec).spec(**wish).later(hours=1)
    stage.children[-1]["metadata"]["deletionTimestamp"] = timestamp(stage.now)
    waiting = stage.applied()
    assert waiting.status["reason"] == "Cancelling"
    assert waiting.plan().requeue_at == stage.now + GRACE
    ended = waiting.later(seconds=30).applied()
    assert ended.status["reason"] == reason
    assert OFF_FOR_GOOD in ended.status["message"]
    assert "--force" in ended.status["message"]
    assert ended.status["completionTime"]


GUARD = 'admission webhook "guard.example" denied the request: hands off'


def refused(stage: Stage, *verbs: Verb, **details: bool) -> tuple[Refusal, ...]:
    """A webhook has refused this of the runner's pod."""
    key = Pod(stage.children[-1]).key
    return tuple(Refusal(key, 403, GUARD, verb=verb, **details) for verb in verbs)


def heed(stage: Stage, refusals: tuple[Refusal, ...]) -> Plan:
    """The plan as it is carried out."""
    return heeded(stage.plan(), stage.resource, refusals, stage.now)


def test_a_pod_that_may_not_be_asked_is_deleted() -> None:
    stage = running().spec(cancel=True).applied()
    plan = heed(stage, refused(stage, "patch"))
    assert not plan.patches
    assert [delete.key for delete in plan.deletes] == [Pod(stage.children[-1]).key]


def test_for_a_right_that_is_missing_for_a_moment_no_log_is_lost() -> None:
    stage = running().spec(cancel=True).applied()
    assert not heed(stage, refused(stage, "patch", rightless=True)).deletes
    assert heed(stage, refused(stage, "patch", rightless=True, retry=True)).deletes


def test_an_end_that_is_refused_in_any_form_is_told_once() -> None:
    stage = running().spec(cancel=True).applied()
    refusals = refused(stage, "patch", "delete")
    plan = heed(stage, refusals)
    assert (plan.patches, plan.deletes, plan.creates) == ((), (), ())
    assert plan.status is not None
    assert plan.status["reason"] == "Refused"
    assert plan.status["message"].startswith("The API server refuses to delete Pod")
    assert "hands off. The flow was asked to end" in plan.status["message"]
    told = replace(stage, resource={**stage.resource, "status": plan.status})
    assert not heed(told, refusals).acts


def test_a_suspension_waits_for_the_node_since_an_attempt_may_follow() -> None:
    stage = running().spec(suspend=True)
    stage.children[-1]["metadata"]["deletionTimestamp"] = timestamp(NOW - timedelta(minutes=5))
    waiting = stage.applied()
    assert (waiting.status["phase"], waiting.status["reason"]) == ("Starting", "NodeUnreachable")


def test_the_runner_is_asked_first_where_only_the_schedulers_node_does_not_answer() -> None:
    gone = {"deletionTimestamp": timestamp(NOW - timedelta(minutes=5))}
    stage = opened().with_scheduler(started=True, **gone).with_runner(started=True).applied()
    plan = stage.spec(cancel=True).plan()
    assert plan.status is not None
    assert plan.status["reason"] == "Cancelling"
    assert plan.patches


def test_all_that_is_to_end_is_seen_to() -> None:
    due = NOW + GRACE + PATIENCE
    told = {"annotations": {"daskflow.dev/ending": timestamp(NOW)}}
    runner = running().children[-1]
    runner = {**runner, "spec": {"activeDeadlineSeconds": 1}, "metadata": {**runner["metadata"], **told}}
    assert end(Pod(runner), NOW).requeue_at == due
    assert end(Pod(runner), due).deletes


def test_a_cluster_whose_schedulers_node_does_not_answer_says_so() -> None:
    stage = cluster_stage.running()
    stage.pods["scheduler"]["metadata"]["deletionTimestamp"] = timestamp(NOW)
    assert stage.plan().requeue_at == NOW + timedelta(seconds=30)
    late = stage.later(seconds=30).applied()
    assert (late.status["phase"], late.status["reason"]) == ("Degraded", "NodeUnreachable")
    suspended = stage.change(suspend=True).later(seconds=30).applied()
    assert (suspended.status["phase"], suspended.status["reason"]) == ("Stopping", "NodeUnreachable")
    assert OFF_FOR_GOOD in suspended.status["message"]
