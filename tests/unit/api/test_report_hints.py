"""What a report says could be done better."""

from typing import Any

import pytest
from daskflow.api.flowrun_report import Report, report_of
from daskflow.api.report_hints import hints
from daskflow.api.report_timeline import encoded
from hypothesis import given
from hypothesis import strategies as st

FINE: dict[str, Any] = {
    "seconds": 600,
    "tasks": 1000,
    "threadSeconds": {"paid": 24000, "busy": 20000, "queued": 500000},
    "memory": {"peak": 2**32, "by": "w-1", "limit": 2**33},
    "moved": 2**30,
    "movedSeconds": 20,
    "workers": {"count": 20, "threads": 40},
    "prefixes": [{"name": "load", "tasks": 1000, "seconds": 20000, "longest": 45}],
}


def said(**changes: Any) -> tuple[str, ...]:
    report = report_of({**FINE, **changes})
    assert report is not None
    return hints(report)


def test_of_a_run_that_is_all_right_there_is_nothing_to_say() -> None:
    assert said() == ()


IDLE = {"paid": 24000, "busy": 4800, "queued": 100}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"threadSeconds": IDLE},
            "Workers were idle 80 % of the time; 8 of 20 workers would have been enough.",
        ),
        (
            {"threadSeconds": IDLE, "timeline": encoded(9, [40.0], [[9.0]], [2.0])},
            "Workers were idle 80 % of the time; 6 of 20 workers would have been enough.",
        ),
        (
            {"threadSeconds": IDLE, "timeline": encoded(9, [40.0, 40.0], [[40.0, 0.0]], [0.0, 0.0])},
            "Workers were idle 80 % of the time, but not all the while: let autoscale follow the work.",
        ),
        (
            {"threadSeconds": {**IDLE, "queued": 9000, "idle": 12000}},
            "Workers were idle 80 % of the time; 8 of 20 workers would have been enough.",
        ),
        (
            {"prefixes": [{"name": "load", "tasks": 100, "seconds": 400, "longest": 160}]},
            "One task of load took 160 s, 40 times the mean: split the work into equal parts.",
        ),
        (
            {"memory": {"peak": 2**33, "by": "w-1", "limit": 2**33, "spilled": 60 * 2**30}},
            "Workers spilled 60.0Gi to disk for want of memory: give them 11Gi instead of 8.0Gi.",
        ),
        (
            {"movedSeconds": 15000},
            "Moving 1.0Gi between workers took 75 % as long as computing: "
            "fewer workers with more threads, or larger parts, move less.",
        ),
        (
            {"workers": {"count": 20, "threads": 40, "absent": 95.2}},
            "For 95 s there were tasks and no worker to run them.",
        ),
    ],
)
def test_what_could_be_better_is_one_sentence_with_numbers(changes: dict[str, Any], sentence: str) -> None:
    assert said(**changes) == (sentence,)


def test_tasks_that_waited_for_threads_are_no_sign_of_too_many_workers() -> None:
    assert said(threadSeconds={**IDLE, "queued": 5000}) == ()


def test_of_a_short_run_nothing_is_said() -> None:
    assert said(seconds=20, threadSeconds=IDLE) == ()


def test_there_are_three_at_most() -> None:
    every = said(
        threadSeconds=IDLE,
        movedSeconds=15000,
        workers={"count": 20, "threads": 40, "absent": 95},
        memory={"limit": 2**33, "spilled": 2**33},
    )
    assert len(every) == 3


_COUNT = st.integers(0, 10**9)
_NUMBER = st.floats(0, 1e9) | _COUNT


@given(
    st.fixed_dictionaries({"paid": _NUMBER, "busy": _NUMBER, "queued": _NUMBER}),
    st.fixed_dictionaries(
        {"count": st.integers(0, 10**9), "threads": st.integers(0, 10**9), "absent": _NUMBER}
    ),
    st.fixed_dictionaries(
        {"name": st.text(max_size=64), "tasks": st.integers(0, 10**9), "seconds": _NUMBER, "longest": _NUMBER}
    ),
    st.integers(0, 2**60),
    st.sampled_from([None, encoded(0, [1e30], [[1e30]], [0.0]), encoded(0, [0.0], [], [0.0])]),
    _NUMBER,
)
def test_any_report_has_hints_that_its_status_can_hold(
    spent: Any, workers: Any, prefix: Any, size: int, timeline: str | None, moving: float
) -> None:
    told = {**FINE, "threadSeconds": spent, "workers": workers, "prefixes": [prefix], "movedSeconds": moving}
    report = report_of({**told, "memory": {"limit": size, "spilled": size}, "timeline": timeline})
    assert report is not None
    Report.model_validate(report.model_copy(update={"hints": hints(report)}).dump())


def test_of_workers_without_a_task_it_is_said_how_to_have_none() -> None:
    found = said(tasks=0, threadSeconds={"paid": 600, "idle": 90}, workers={"count": 1}, prefixes=[])
    assert found == ("No task was for the workers: with cluster.workers.replicas: 0 none are started.",)
