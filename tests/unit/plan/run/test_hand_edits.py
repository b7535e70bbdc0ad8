"""Statuses that somebody edited by hand: never an error, a clear phase, and user code does not run again."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.names import FLOW_RUN
from daskflow.plan.hand_edits import follows
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.any_status import statuses
from tests.unit.plan.stage import Stage, failed, opened, run, succeeded


def traces(status: dict[str, Any]) -> bool:
    """Whether anything in it says that the run has begun, or has ended."""
    names = ("attempts", "attempt", "startTime", "completionTime", "flowStartTime")
    return any(status.get(name) for name in names)


@settings(max_examples=300, deadline=None)
@given(statuses(FLOW_RUN), st.sampled_from(["alone", "cluster", "ended"]))
def test_no_status_of_a_run_is_an_error_or_begins_it_anew(status: dict[str, Any], world: str) -> None:
    stage = {
        "alone": Stage(),
        "cluster": opened().with_scheduler(started=True).with_runner(started=True),
        "ended": opened().with_scheduler().with_runner(exit_code=0, message=succeeded()),
    }[world]
    plan = replace(stage, resource={**stage.resource, "status": status}).plan()
    if plan.status is None:
        return
    before = [each.get("number") for each in status.get("attempts", ())]
    new = [each["number"] for each in plan.status["attempts"] if each["number"] not in before]
    if world != "alone" or (traces(status) and not _may_go_on(status)):
        assert not new


def _may_go_on(status: dict[str, Any]) -> bool:
    last = (status.get("attempts") or [{}])[-1]
    return last.get("outcome") in ("Failed", "Suspended") and bool(last.get("endTime"))


OVER = opened().with_scheduler().with_runner(exit_code=0, message=succeeded()).applied()

FAILED = opened().with_scheduler().with_runner(exit_code=1, message=failed()).applied()


@pytest.mark.parametrize(
    ("stage", "changes", "phase"),
    [
        (OVER, {"phase": "Running"}, "Succeeded"),
        (OVER, {"phase": "Running", "completionTime": None}, "Succeeded"),
        (OVER, {"phase": "Pending", "completionTime": None, "conditions": None}, "Succeeded"),
        (FAILED, {"phase": "Running", "completionTime": None, "conditions": None}, "Failed"),
        (FAILED, {"phase": "Retrying", "completionTime": None, "conditions": None}, "Failed"),
        (FAILED, {"attempts": None, "phase": None, "completionTime": None}, "Failed"),
        (OVER, {"phase": "Running", "attempts": None, "conditions": None}, "Failed"),
        (OVER, {"phase": "Running", "startTime": "soon"}, "Failed"),
    ],
)
def test_what_has_ended_does_not_begin_again(stage: Stage, changes: dict[str, Any], phase: str) -> None:
    status = {name: value for name, value in {**stage.status, **changes}.items() if value is not None}
    for children in (stage.children, ()):
        edited = replace(stage, resource={**stage.resource, "status": status}, children=children)
        assert edited.applied().status["phase"] == phase
        assert edited.applied().status["reason"] in ("StatusInvalid", "FlowFailed", "")
        assert not edited.plan().creates
        assert not follows(FLOW_RUN, stage.status, status)


def test_a_wiped_status_is_not_that_of_a_new_run_where_anything_of_it_is_left() -> None:
    left = replace(OVER, resource={**OVER.resource, "status": {"observedGeneration": -1}})
    assert left.applied().status["reason"] == "StatusInvalid"
    assert Stage(run()).applied().status["phase"] == "Starting"


@pytest.mark.parametrize("phase", ["Running", "Retrying"])
def test_a_phase_that_no_run_without_attempts_has_ends_it(phase: str) -> None:
    status = Stage(run(status={"phase": phase})).applied().status
    assert (status["phase"], status["reason"]) == ("Failed", "StatusInvalid")


def test_retries_that_are_taken_back_while_it_waits_end_it_with_its_own_reason() -> None:
    waiting = opened({"retries": {"limit": 2}}).with_scheduler().with_runner(exit_code=1, message=failed())
    waiting = waiting.applied()
    assert waiting.status["phase"] == "Retrying"
    resource = waiting.resource
    spec, meta = {**resource["spec"], "retries": {"limit": 0}}, {**resource["metadata"], "generation": 2}
    over = replace(waiting, resource={**resource, "metadata": meta, "spec": spec}).applied()
    assert (over.status["phase"], over.status["reason"]) == ("Failed", "FlowFailed")
    assert over.status["message"].endswith("By spec.retries there is no further attempt.")
    assert over.status["failure"]
    assert not over.plan().creates
