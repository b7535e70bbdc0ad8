"""Statuses of clusters that somebody edited by hand: never an error, and a clear phase."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.names import DASK_CLUSTER
from hypothesis import given, settings

from tests.unit.plan.any_status import statuses
from tests.unit.plan.cluster import stage as cluster_stage
from tests.unit.plan.stage import opened


@settings(max_examples=150, deadline=None)
@given(statuses(DASK_CLUSTER))
def test_no_status_of_a_cluster_is_an_error(status: dict[str, Any]) -> None:
    stage = cluster_stage.running()
    replace(stage, status=status).plan()
    replace(stage, status=status, pods={}).plan()
    owner = opened().with_scheduler(started=True).with_runner(started=True)
    owner.children[0]["status"] = status
    owner.plan()


@pytest.mark.parametrize("phase", ["Failed", "Stopped"])
def test_a_cluster_that_was_said_to_have_ended_becomes_clear(phase: str) -> None:
    stage = cluster_stage.running()
    told = replace(stage, status={**stage.status, "phase": phase, "message": "hacked"})
    status = told.applied().status
    assert (status["phase"], status["reason"]) == ("Failed", "StatusInvalid")
    assert {each["type"]: each["status"] for each in status["conditions"]}["Ready"] == "False"
    assert told.applied().plan().patches or told.applied().plan().deletes, "what computes ends"
