"""What a pod of a user's leaves as its last words is never a reason for the operator to fail."""

import json
from typing import Any

import pytest
from daskflow.plan.pod.last_words import parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.cluster.stage import MADE, scheduler
from tests.unit.plan.stage import failed, opened, succeeded

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)

FIELDS = ("outcome", "reason", "message", "begun", "result", "resultNote", "failure", "exitCode", "runner")

ODD = st.dictionaries(st.sampled_from(FIELDS), JSON)


@given(st.sampled_from([succeeded(), failed(), {"outcome": None}]), ODD)
@settings(max_examples=100, deadline=None)
def test_any_json_of_a_runner_is_planned_with(report: dict[str, Any], odd: dict[str, Any]) -> None:
    stage = opened().with_scheduler(started=True)
    plan = stage.with_runner(exit_code=1, message={**report, **odd}).plan()
    json.dumps(plan.status, allow_nan=False)


@given(st.sampled_from([{"outcome": succeeded()}, {"reason": "LeaseLost"}]), ODD)
@settings(max_examples=100, deadline=None)
def test_any_json_of_a_scheduler_is_planned_with(report: dict[str, Any], odd: dict[str, Any]) -> None:
    stage = opened().with_scheduler(exit_code=1, message={**report, **odd})
    for now in (stage, stage.with_runner(exit_code=1), stage.later(minutes=5)):
        json.dumps(now.plan().status, allow_nan=False)
    MADE.with_pods(scheduler(exit_code=1, message={**report, **odd})).later(hours=2).plan()


@pytest.mark.parametrize(
    "odd",
    [
        {"failure": 5},
        {"failure": {"mro": [1, [2]]}},
        {"exitCode": "x"},
        {"exitCode": 10**30},
        {"begun": "yesterday"},
        {"begun": "2026-03-01T12:00:05"},
        {"reason": ["FlowFailed"]},
        {"message": {}},
        {"outcome": "Perhaps"},
    ],
    ids=str,
)
def test_a_report_of_another_shape_is_none(odd: dict[str, Any]) -> None:
    runner = {"v": 1, "role": "runner", **failed()}
    assert parsed(json.dumps(runner), "runner") == runner
    assert parsed(json.dumps({**runner, **odd}), "runner") is None
    copy = {"v": 1, "role": "scheduler", "outcome": {**failed(), **odd}}
    assert parsed(json.dumps(copy), "scheduler") is None
    stage = opened().with_scheduler(exit_code=0).with_runner(exit_code=1, message={**failed(), **odd})
    assert stage.applied().status["reason"] == "RunnerLost"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", '"\\ud800"', "[" * 4000])
def test_what_no_status_can_hold_is_no_report(value: str) -> None:
    assert (
        parsed(f'{{"v": 1, "role": "runner", "outcome": "Succeeded", "result": {value}}}', "runner") is None
    )


def test_integers_that_a_status_would_round_are_text() -> None:
    values = [2**63 - 1, -(2**63), 2**63, 2**64 + 1, int("9" * 400)]
    stage = opened().with_scheduler(started=True).with_runner(exit_code=0, message=succeeded(values))
    assert stage.applied().status["result"] == [*values[:2], *map(str, values[2:])]


def test_a_result_as_deep_as_the_runtime_lets_through_is_kept() -> None:
    deep = json.loads("[" * 50 + "]" * 50)
    stage = opened().with_scheduler(started=True).with_runner(exit_code=0, message=succeeded(deep))
    assert stage.applied().status["result"] == deep


@pytest.mark.parametrize("levels", [62, 100, 300, 1900])
@pytest.mark.parametrize("field", ["report", "result", "other"])
@pytest.mark.parametrize("by", ["runner", "scheduler"])
def test_what_is_nested_too_deeply_costs_no_outcome(levels: int, field: str, by: str) -> None:
    deep = "[" * levels + '"]}"' + "]" * levels
    mark = {field: "DEEP"}
    if by == "runner":
        said: dict[str, Any] = {"v": 1, "role": by, **failed(), **mark}
    elif field == "report":
        said = {"v": 1, "role": by, "outcome": failed(), **mark}
    else:
        said = {"v": 1, "role": by, "outcome": {**failed(), **mark}}
    message = json.dumps(said).replace('"DEEP"', deep)
    stage = opened().with_scheduler(exit_code=0 if by == "runner" else 1, message=message * (by != "runner"))
    stage = stage.with_runner(exit_code=1, message=message * (by == "runner"))
    assert stage.applied().status["reason"] == "FlowFailed"
    told = parsed(message, by) or {}
    outcome = told if by == "runner" else told["outcome"]
    assert field not in {**told, **outcome}
    note = "The result is nested more than 60 levels deep." if field == "result" else None
    assert outcome.get("resultNote") == note


def test_another_pods_report_is_none() -> None:
    other = json.dumps({"v": 1, "role": "scheduler", "outcome": None})
    assert parsed(other, "runner") is None
    assert parsed(other, "worker") is None


ODD_WORDS = "ValueError: a\r\nb:\n\n  c\x1b[31mred\x00"

LEGIBLE = "ValueError: a; b: c\\x1b[31mred\\x00"


def messages(status: Any) -> list[str]:
    """All messages in a status but the one of the exception itself."""
    inner = (
        status.values() if isinstance(status, dict) else status if isinstance(status, (list, tuple)) else ()
    )
    said = [status["message"]] if isinstance(status, dict) and "message" in status else []
    return [*said, *(each for part in inner for each in messages(part))]


@pytest.mark.parametrize("by", ["runner", "scheduler"])
def test_what_a_flow_raises_is_one_line_without_control_characters(by: str) -> None:
    report = failed(message=ODD_WORDS, failure={"exception": "E", "message": "", "traceback": "a\nb"})
    stage = opened().with_scheduler(exit_code=0, message={"outcome": report if by == "scheduler" else None})
    stage = stage.with_runner(exit_code=1, message=report if by == "runner" else "").applied()
    assert stage.status["reason"] == "FlowFailed"
    assert stage.status["message"] == stage.status["attempts"][0]["message"] == LEGIBLE
    assert stage.status["failure"]["traceback"] == "a\nb"
    assert all(each.isprintable() for each in messages(stage.status))


@pytest.mark.parametrize(
    "stage",
    [
        opened().with_scheduler(started=True).with_runner(exit_code=1, message="Traceback\nE: \x1b[31m\x07"),
        opened().with_scheduler(exit_code=1, message="Traceback\nE: \x1b[31m\x07").with_runner(),
        opened().with_scheduler().with_runner(waiting={"reason": "ErrImagePull", "message": "a\nb\x1b"}),
        opened().with_scheduler().with_runner(waiting={"reason": "RunContainerError", "message": "a\nb\x1b"}),
    ],
)
def test_so_are_last_words_and_those_of_a_kubelet(stage: Any) -> None:
    plan = stage.later(minutes=5).plan()
    assert plan.status is not None
    assert all(each.isprintable() for each in messages(plan.status))
    assert all(each.message.isprintable() for each in plan.events)


def test_so_is_what_a_cluster_says_of_its_scheduler() -> None:
    dead = scheduler(exit_code=1, message="Traceback\nE: \x1b[31m\x07")
    status = MADE.with_pods(dead).later(hours=2).plan().status
    assert status is not None
    assert status["message"] == "The scheduler ended with exit code 1: E: \\x1b[31m\\x07."
