"""The report of a closed attempt: whose it is, and that the outcome is the same with it and without."""

import json
from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.report_timeline import encoded
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan.stage import Stage, failed, opened, succeeded

USED: dict[str, Any] = {
    "seconds": 512,
    "tasks": 100,
    "threadSeconds": {"paid": 800, "busy": 600},
    "memory": {"peak": 7 * 2**30, "by": "w-1", "limit": 2**33},
    "workers": {"count": 2, "threads": 2},
    "prefixes": [{"name": "load", "tasks": 100, "seconds": 600, "longest": 7}],
    "timeline": encoded(6, [2.0], [[1.5]], [0.0]),
}
OTHER = {**USED, "tasks": 7}


def ended(record: dict[str, Any], spec: dict[str, Any] | None = None, **scheduler: Any) -> Stage:
    code = 0 if record.get("outcome") == "Succeeded" else 1
    stage = opened(spec).with_scheduler(**(scheduler or {"started": True}))
    return stage.with_runner(exit_code=code, message=record).applied()


def test_the_runners_report_is_the_runs_and_its_attempts() -> None:
    stage = ended({**succeeded(), "report": USED})
    report = stage.status["report"]
    assert (report["tasks"], report["efficiency"], report["memory"]["peak"]) == (100, 0.75, "7.0Gi")
    assert (stage.attempt["efficiency"], stage.attempt["peakMemory"]) == (0.75, "7.0Gi")
    assert report["timeline"] == USED["timeline"]


def test_where_the_runner_left_none_the_schedulers_is_taken() -> None:
    message = {"outcome": succeeded(), "report": OTHER}
    stage = opened().with_scheduler(exit_code=0, message=message)
    for runner in ({"exit_code": 137}, {"exit_code": 0, "message": succeeded()}):
        assert stage.with_runner(**runner).applied().status["report"]["tasks"] == 7
    both = stage.with_runner(exit_code=0, message={**succeeded(), "report": USED})
    assert both.applied().status["report"]["tasks"] == 100


def test_a_run_whose_runner_was_killed_has_the_report_of_its_scheduler() -> None:
    message = {"reason": "LeaseLost", "report": USED}
    stage = opened().with_scheduler(exit_code=1, message=message).with_runner(exit_code=137).applied()
    assert (stage.attempt["reason"], stage.status["report"]["tasks"]) == ("RunnerLost", 100)


def test_a_cancelled_run_has_its_report() -> None:
    stage = opened().spec(cancel=True).with_scheduler(started=True)
    record = {**failed(), "reason": "Terminated", "report": USED}
    stage = stage.with_runner(exit_code=143, message=record).applied()
    assert (stage.status["phase"], stage.status["report"]["tasks"]) == ("Cancelled", 100)


def test_an_attempt_without_a_report_has_not_that_of_the_one_before() -> None:
    retry = {"retries": {"limit": 1, "backoff": {"initial": "1s"}}}
    stage = ended({**failed(), "report": USED}, retry)
    assert (stage.status["phase"], stage.status["report"]["tasks"]) == ("Retrying", 100)
    stage = replace(stage, children=(), members=()).later(minutes=1).applied()
    assert (stage.status["attempt"], stage.status["report"]["tasks"]) == (2, 100)
    stage = stage.with_cluster(attempt=2).with_runner(2, exit_code=0, message=succeeded()).applied()
    assert (stage.status["phase"], stage.status.get("report")) == ("Succeeded", None)
    assert [each.get("efficiency") for each in stage.status["attempts"]] == [0.75, None]


def test_a_report_says_nothing_of_an_attempt_that_is_open() -> None:
    stage = opened().with_scheduler(started=True).with_runner(started=True).later(seconds=5).applied()
    assert "report" not in stage.status


def test_no_timeline_is_kept_where_none_is_wished() -> None:
    stage = ended({**succeeded(), "report": USED}, {"report": {"timeline": False}})
    assert "timeline" not in stage.status["report"]


def test_once_the_run_is_over_nothing_changes_its_report() -> None:
    stage = ended({**succeeded(), "report": USED})
    pods = tuple(each for each in stage.children if each["kind"] != "Pod")
    later = replace(stage, children=pods).with_runner(exit_code=0, message={**succeeded(), "report": OTHER})
    assert later.later(minutes=5).applied().status == stage.status


def test_hints_are_the_operators_and_in_the_report() -> None:
    spilled = {**USED, "memory": {**USED["memory"], "spilled": 2**33}, "hints": ["Send money."]}
    hints = ended({**succeeded(), "report": spilled}).status["report"]["hints"]
    assert hints == ["Workers spilled 8.0Gi to disk for want of memory: give them 12Gi instead of 8.0Gi."]


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.sampled_from([*USED, "x"]), inner),
    max_leaves=12,
)


@given(
    _ANY | st.dictionaries(st.sampled_from([*USED, "record", "note"]), _ANY).map(lambda odd: {**USED, **odd})
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_report_says_the_outcome_is_what_it_is_without(told: Any) -> None:
    for record in (succeeded({"rows": 3}), failed()):
        without, with_it = ended(record), ended({**record, "report": told})
        assert "report" not in without.status
        json.dumps(with_it.status, allow_nan=False).encode()
        FlowRunStatus.model_validate(with_it.status)
        assert _bare(with_it.status) == _bare(without.status)


@pytest.mark.parametrize("told", ["NaN", "[Infinity]", "1e999", '{"seconds": 1, "tasks": NaN}', '"\\ud800"'])
def test_a_report_that_no_status_could_hold_is_none(told: str) -> None:
    text = json.dumps({"v": 1, "role": "runner", **succeeded(), "report": "?"}).replace('"?"', told)
    stage = opened().with_scheduler(started=True).with_runner(exit_code=0, message=text).applied()
    assert (stage.status["phase"], stage.status.get("report")) == ("Succeeded", None)


def _bare(status: dict[str, Any]) -> dict[str, Any]:
    """Without what a report adds."""
    attempts = [
        {name: value for name, value in each.items() if name not in ("efficiency", "peakMemory")}
        for each in status["attempts"]
    ]
    return {**{name: value for name, value in status.items() if name != "report"}, "attempts": attempts}
