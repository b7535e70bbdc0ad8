"""What a notebook shows of a run."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.client.notebook.html import MOST, run_html

from tests.unit.client.report.reported import reported

NOW = datetime(2026, 11, 1, 12, 5, tzinfo=UTC)
NASTY = "<script>alert(1)</script>&"


def shown(**status: Any) -> str:
    metadata = {"name": "etl", "namespace": "team", "uid": "u", "creationTimestamp": "2026-11-01T12:00:00Z"}
    return run_html({"metadata": metadata, "spec": {"image": "i"}, "status": status}, NOW)


def words(page: str) -> str:
    """Its text; raises ParseError for what is not well-formed."""
    return " ".join("".join(ElementTree.fromstring(page.replace(" open>", ">")).itertext()).split())


def test_a_run_that_goes_on_has_its_tasks_and_workers() -> None:
    page = shown(
        phase="Running",
        startTime="2026-11-01T12:00:01Z",
        progress={"done": 3, "total": 8},
        cluster={"workersReady": 1, "workersDesired": 2},
    )
    assert "team/etl: Running 3 of 8 tasks, 1 of 2 workers" in words(page)
    assert '<progress value="3" max="8"' in page
    assert 'class="daskflow-timeline"' in page


def test_a_failure_has_its_exception_traceback_and_attempts() -> None:
    end = {"startTime": "2026-11-01T12:00:01Z", "endTime": "2026-11-01T12:00:09Z", "outcome": "Failed"}
    attempts = [
        {"number": number, "reason": "FlowFailed", "message": message, **end}
        for number, message in enumerate(("first", "second"), 1)
    ]
    failure = {"exception": "KeyError", "message": "'day'", "traceback": 'File "etl.py", line 3'}
    page = words(
        shown(phase="Failed", reason="FlowFailed", message="It failed.", attempts=attempts, failure=failure)
    )
    for part in (
        "Failed (FlowFailed)",
        "It failed.",
        "KeyError: 'day'",
        'File "etl.py", line 3',
        "2 attempts",
        "second",
    ):
        assert part in page


def test_a_result_is_there_and_a_long_one_is_cut() -> None:
    assert 'Result:{ "rows": 3 }' in words(shown(phase="Succeeded", result={"rows": 3}))
    assert len(shown(phase="Succeeded", result="x" * 3 * MOST)) < 3 * MOST


def test_a_run_that_has_ended_has_its_report() -> None:
    page = run_html(reported(), NOW)
    assert "tasks120 433 3 failed" in words(page)
    assert "<details><summary>Report</summary>" in page
    assert "Report" not in words(shown(phase="Succeeded"))


@pytest.mark.parametrize("field", ["message", "reason", "resultNote", "duration"])
def test_nothing_of_a_status_is_taken_for_html(field: str) -> None:
    failure = {"exception": NASTY, "message": NASTY, "traceback": NASTY}
    page = shown(phase="Failed", failure=failure, **{field: NASTY})
    assert "<script" not in page
    assert NASTY in words(page)
    assert "<script" not in shown(phase="Succeeded", result=NASTY)


def test_a_run_that_nobody_has_seen_is_pending() -> None:
    assert "team/etl: Pending" in words(run_html({"metadata": {"name": "etl", "namespace": "team"}}, NOW))
