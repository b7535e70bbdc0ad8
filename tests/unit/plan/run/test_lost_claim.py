"""A claimed cluster that goes before the flow began costs its run nothing but the way to the next one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from daskflow.api.conditions import timestamp
from daskflow.plan.run.start import MARGIN

from tests.unit.plan.pool.stage import full
from tests.unit.plan.run.test_claim import begun, taken, told
from tests.unit.plan.stage import NOW, SETTINGS, Stage, pod


def claimed(**spec: Any) -> Stage:
    """A run that has claimed a cluster that waited, and whose flow has yet to begin."""
    return taken(begun(full(), **spec)).applied()


def without(stage: Stage, *, runner: Any = None, scheduler: Any = None) -> Stage:
    """With these in place of its pods."""
    service, was_scheduler, was_runner = stage.members
    return replace(stage, members=(service, scheduler or was_scheduler, runner or was_runner))


def runner_deleted(stage: Stage, **said: Any) -> Stage:
    """As it is after `kubectl delete pod` has ended it; `said`: further fields of its record."""
    gone = pod(
        f"{stage.attempt['cluster']}-runner",
        "runner",
        exit_code=1,
        message={"outcome": "Failed", "reason": "Terminated", "message": "The run was terminated.", **said},
        ownerReferences=[{"kind": "FlowRun", "uid": stage.resource["metadata"]["uid"], "controller": True}],
        deletionTimestamp=timestamp(NOW),
    )
    return without(stage, runner=gone)


def test_it_is_told_and_the_next_attempt_follows_at_once_and_free() -> None:
    lost = runner_deleted(claimed(retries={"startLimit": 0})).applied()
    assert (lost.status["phase"], lost.attempt["reason"]) == ("Retrying", "ClaimRefused")
    name = lost.attempt["cluster"]
    assert lost.attempt["message"].startswith(
        f"DaskCluster {name} was lost before the flow began: The runner's pod"
    )
    assert lost.status["message"].endswith("Next attempt in 0s.")
    assert not any(lost.status["failures"].values())


def test_it_begins_on_a_cluster_of_its_own() -> None:
    lost = runner_deleted(claimed()).applied()
    gone = replace(lost, children=(), members=())
    again = gone.applied()
    assert again.attempt["claim"]["reason"] == "ClaimRefused"
    (made,) = again.plan().creates
    assert made["kind"] == "DaskCluster"


@pytest.mark.parametrize("begins", ["flow_start_time", "record"])
def test_a_flow_that_has_begun_was_no_refusal(begins: str) -> None:
    stage = claimed()
    if begins == "record":
        lost = runner_deleted(stage, begun=timestamp(NOW))
    else:
        status = {**stage.status, "attempts": [{**stage.attempt, "flowStartTime": timestamp(NOW)}]}
        lost = runner_deleted(replace(stage, resource={**stage.resource, "status": status}))
    ended = lost.applied().applied()
    assert ended.status["phase"] == "Failed"
    assert ended.attempt["reason"] != "ClaimRefused"


def test_an_attempt_that_has_claimed_nothing_is_charged() -> None:
    own = begun(None, image="flows:1", pool=None).applied().with_cluster().with_scheduler(started=True)
    lost = own.with_runner(
        exit_code=1, message={"outcome": "Failed", "reason": "Terminated", "message": "T."}
    )
    assert lost.applied().attempt["reason"] != "ClaimRefused"
    assert lost.applied().status["failures"]["start"] == 1


def test_a_runner_that_went_is_not_made_again_before_its_scheduler_can_have_followed_it() -> None:
    stage = told(taken(begun(full())), "Taken")
    gone = replace(stage, members=stage.members[:2])
    assert not gone.plan().creates
    assert gone.plan().requeue_at == NOW + timedelta(seconds=SETTINGS.lease_seconds) + MARGIN
    (made,) = gone.later(seconds=SETTINGS.lease_seconds + 5).plan().creates
    assert made["metadata"]["name"] == f"{stage.attempt['cluster']}-runner"
    record = {"outcome": "Failed", "reason": "Terminated", "begun": None, "message": "Terminated."}
    over = pod(
        f"{stage.attempt['cluster']}-scheduler",
        "scheduler",
        uid="s",
        exit_code=0,
        message={"reason": "OutcomeReceived", "begun": timestamp(NOW), "outcome": record},
    )
    lost = replace(gone, members=(gone.members[0], over)).applied()
    assert lost.attempt["reason"] == "ClaimRefused"
    assert "before the flow began: The runner's pod" in lost.attempt["message"]
    assert "was deleted" in lost.attempt["message"], "and not that its scheduler ended, which followed it"
    assert lost.attempt.get("flowStartTime") is None, "as the runner says, whatever its scheduler had noted"
