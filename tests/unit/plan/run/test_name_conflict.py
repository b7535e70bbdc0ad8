"""A child's name is taken: what has yet to be made gets another one."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.plan.model import Key, Occupied

from tests.unit.plan.stage import Stage, opened, run, running


@pytest.mark.parametrize(
    ("occupied", "phase", "reason"),
    [
        ({"owner_uid": "other", "owner_name": "stranger"}, "Retrying", "Retrying"),
        ({}, "Retrying", "Retrying"),
        ({"owner_uid": "earlier", "owner_name": "etl"}, "Starting", "WaitingForEarlier"),
        ({"deleting": True}, "Starting", "WaitingForEarlier"),
    ],
)
def test_taken_names(occupied: dict[str, Any], phase: str, reason: str) -> None:
    stage = Stage().applied()
    taken = Occupied(Key("Service", "data", stage.status["attempts"][0]["cluster"]), **occupied)
    status = replace(stage, more={"occupied": (taken,)}).applied().status
    assert (status["phase"], status["reason"]) == (phase, reason)


def test_a_name_taken_by_an_earlier_cluster_of_the_same_attempt_is_waited_for() -> None:
    stage = Stage(run()).applied().with_cluster(journaled=False)
    taken = Occupied(Key("Pod", "data", "w"), "old", stage.status["attempts"][0]["cluster"])
    plan = replace(stage, more={"occupied": (taken,)}).plan()
    assert plan.status is not None
    assert plan.status["reason"] == "WaitingForEarlier"


def test_a_cluster_whose_name_another_run_has_gets_another_name() -> None:
    stage = Stage(run()).applied()
    name = stage.attempt["cluster"]
    taken = Occupied(Key("DaskCluster", "data", name), "another", "another-run")
    other = replace(stage, more={"occupied": (taken,)}).applied()
    assert (other.status["phase"], other.status["attempt"]) == ("Starting", 1)
    assert other.attempt["cluster"] != name
    assert other.status["cluster"]["name"] == other.attempt["cluster"]
    (made,) = other.plan().creates
    assert made["metadata"]["name"] == other.attempt["cluster"], "what was said of the other name is past"
    assert "failures" not in other.status or not any(other.status["failures"].values())


def test_a_cluster_that_is_written_down_keeps_its_name() -> None:
    stage = opened()
    taken = Occupied(Key("DaskCluster", "data", stage.attempt["cluster"]), "another", "another-run")
    assert replace(stage, more={"occupied": (taken,)}).applied().status == stage.applied().status


def test_an_operator_that_has_not_met_the_name_itself_reads_it_off_the_cluster() -> None:
    other = whose_name_is_taken(Stage(run()).applied().with_cluster(journaled=False)).applied()
    assert other.status["phase"] == "Retrying"
    assert "Service x exists and is not ours; delete it, or" in other.attempt["message"]


def test_a_flow_that_runs_is_not_ended_by_what_its_cluster_says() -> None:
    assert whose_name_is_taken(running()).applied().status["phase"] == "Running"
    for started in (True, False):
        begun = opened().with_scheduler(started=True).with_runner(started=started)
        assert whose_name_is_taken(begun).applied().status["phase"] != "Retrying"


def test_a_workers_taken_name_ends_no_attempt_that_has_a_scheduler() -> None:
    begun = opened().with_scheduler(started=True).with_runner(started=False)
    for stage in (begun, running()):
        for owner in ({"owner_uid": "other", "owner_name": "stranger"}, {"deleting": True}):
            taken = Occupied(Key("Pod", "data", f"{stage.attempt['cluster']}-worker-2"), **owner)
            met = replace(stage, more={"occupied": (taken,)})
            assert met.applied().status == stage.applied().status


def test_a_runners_taken_name_ends_the_attempt_whatever_there_is() -> None:
    begun = opened().with_scheduler(started=True)
    taken = Occupied(Key("Pod", "data", f"{begun.attempt['cluster']}-runner"), "other", "stranger")
    met = replace(begun, more={"occupied": (taken,)})
    assert met.applied().status["phase"] == "Retrying"
    assert met.with_runner(started=True).applied().status["phase"] != "Retrying"


def whose_name_is_taken(stage: Stage) -> Stage:
    """The stage with this in the status of its cluster."""
    said = {"phase": "Pending", "reason": "NameConflict", "message": "Service x exists and is not ours; so."}
    children = (
        {**each, "status": {**each["status"], **said}} if each["kind"] == "DaskCluster" else each
        for each in stage.children
    )
    return replace(stage, children=tuple(children))
