"""When what of a run was so: from its status, its pods and Events."""

from typing import Any

import pytest
from daskflow.client.timeline.model import Timeline
from daskflow.client.timeline.spans import timeline
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.client.timeline.a_run import NOW, Object, at, attempt, event, moment, pod, run, twice
from tests.unit.plan.any_status import statuses


def of(whole: Object, pods: Any = (), events: Any = ()) -> Timeline:
    return timeline(whole, pods, events, now=NOW)


def spans(found: Timeline, title: str, number: int = 0) -> list[tuple[str, float, float | None, str]]:
    """Of a row: phase, seconds of begin and end after the run was created, reason."""
    row = next(row for row in found.rows if (row.title, row.attempt) == (title, number))
    return [
        (
            span.phase,
            (span.begin - found.begin).total_seconds(),
            (span.end - found.begin).total_seconds() if span.end else None,
            span.reason,
        )
        for span in row.spans
    ]


def test_a_run_has_the_phases_of_its_attempts_and_what_was_between_them() -> None:
    found = of(twice())
    assert spans(found, "etl") == [
        ("Pending", 0, 1, ""),
        ("Starting", 1, 3.5, ""),
        ("Running", 3.5, 8, "FlowFailed"),
        ("Retrying", 8, 18, "FlowFailed"),
        ("Starting", 18, 20, ""),
        ("Running", 20, 30, ""),
    ]
    assert spans(found, "attempt 1", 1) == [("Failed", 1, 8, "FlowFailed")]
    assert spans(found, "attempt 2", 2) == [("Succeeded", 18, 30, "")]
    assert (found.over, found.phase, found.end) == (True, "Succeeded", moment(30))


@pytest.mark.parametrize(
    ("whole", "last"),
    [
        (run(), ("Pending", 0, None, "")),
        (run(phase="Pending", reason="QuietHours"), ("Pending", 0, None, "QuietHours")),
        (
            run(attempt(1, 1, None, None), phase="Starting", reason="Refused"),
            ("Starting", 1, None, "Refused"),
        ),
        (run(attempt(1, 1, 2, None), phase="Running"), ("Running", 2, None, "")),
        (
            run(attempt(1, 1, 2, 9, outcome="Failed"), phase="Retrying", reason="Retrying"),
            ("Retrying", 9, None, "Retrying"),
        ),
        (
            run(attempt(1, 1, 2, 9, outcome="Suspended"), phase="Suspended", reason="Suspended"),
            ("Suspended", 9, None, "Suspended"),
        ),
        (
            run(attempt(1, 1, 2, 9, outcome="Suspended"), phase="Cancelled", completionTime=at(20)),
            ("Suspended", 9, 20, ""),
        ),
        (run(phase="Cancelled", completionTime=at(7)), ("Pending", 0, 7, "")),
        (run(attempt(1, 1, 2, None), phase="Failed", completionTime=at(5)), ("Running", 2, 5, "")),
    ],
)
def test_the_last_phase_goes_on_until_the_run_has_ended(whole: Object, last: Any) -> None:
    assert spans(of(whole), "etl")[-1] == last


def test_what_was_in_the_way_is_told_by_events_of_that_time() -> None:
    events = [
        event("FlowRun", "etl", "Starting", 1),
        event("FlowRun", "etl", "Unschedulable", 2, type="Warning"),
        event("FlowRun", "etl", "ImagePullFailed", 40, type="Warning"),
        event("FlowRun", "other", "QuotaExceeded", 2, type="Warning"),
    ]
    found = of(twice(), events=events)
    assert spans(found, "etl")[1] == ("Starting", 1, 3.5, "Unschedulable")
    assert [mark.reason for mark in found.marks] == ["Starting", "Unschedulable", "ImagePullFailed"]
    assert [mark.warning for mark in found.marks] == [False, True, True]


def test_attempts_that_the_status_keeps_no_longer_are_counted() -> None:
    found = of(run(attempt(8, 10, 11, 12, outcome="Succeeded"), phase="Succeeded", completionTime=at(12)))
    assert spans(found, "etl")[0] == ("Earlier", 0, 10, "7 attempts before")


def test_a_pod_waits_for_a_node_then_for_its_image_then_runs_its_own_container() -> None:
    ended = {"terminated": {"startedAt": at(4), "finishedAt": at(8), "reason": "OOMKilled"}}
    found = of(twice(), [pod("runner", 1, 1, ended, placed=2)])
    assert spans(found, "runner", 1) == [
        ("Unscheduled", 1, 2, ""),
        ("Starting", 2, 4, ""),
        ("Running", 4, 8, "OOMKilled"),
    ]


def test_a_pod_that_does_not_run_says_why() -> None:
    waits = {"waiting": {"reason": "ImagePullBackOff"}}
    pods = [pod("scheduler", 1, 1, waits, placed=1), pod("runner", 1, 1, {})]
    found = of(run(attempt(1, 1, None, None), phase="Starting"), pods)
    assert spans(found, "scheduler", 1) == [("Starting", 1, None, "ImagePullBackOff")]
    assert spans(found, "runner", 1) == [("Unscheduled", 1, None, "Unschedulable")]


def test_pods_stand_below_their_attempt_runner_first_and_workers_by_number() -> None:
    state = {"running": {"startedAt": at(3)}}
    names = ("worker-10", "worker-2", "scheduler", "runner")
    pods = [pod(name, number, 2, state, placed=2) for number in (2, 1) for name in names]
    found = of(twice(), pods)
    order = ["runner", "scheduler", "worker-2", "worker-10"]
    assert [row.title for row in found.rows] == ["etl", "attempt 1", *order, "attempt 2", *order]


def test_a_pod_that_is_gone_is_told_by_its_events() -> None:
    name = "etl-hhhhhhhh-1-worker-0"
    placed = event("Pod", name, "Scheduled", 2, firstTimestamp=None, eventTime=at(2.25))
    events = [
        event("Pod", name, "Pulled", 2),
        placed,
        event("Pod", name, "Started", 4),
        event("Pod", name, "Unhealthy", 5, type="Warning"),
        event("Pod", "etl-hhhhhhhh-2-worker-0", "Killing", 29),
        event("Pod", "etl-daily-1-worker-0", "Started", 4),
        event("Pod", "etl-hhhhhhhh-1-worker-1", "FailedScheduling", 3, type="Warning"),
    ]
    found = of(twice(), events=events)
    assert spans(found, "worker-0", 1) == [("Starting", 2.25, 4, ""), ("Running", 4, 8, "Unhealthy")]
    assert spans(found, "worker-1", 1) == [("Unscheduled", 3, 8, "FailedScheduling")]
    assert spans(found, "worker-0", 2) == []
    assert not any("daily" in row.name for row in found.rows)


def test_a_runner_without_a_cluster_belongs_to_the_attempt_that_names_it() -> None:
    alone = {"number": 1, "startTime": at(1), "runner": {"pod": "etl-hhhhhhhh-1-runner"}}
    events = [event("Pod", "etl-hhhhhhhh-1-runner", "Scheduled", 1)]
    found = of(run(alone, phase="Starting"), events=events)
    assert spans(found, "runner", 1) == [("Starting", 1, None, "")]


@example({"attempts": [{"number": 1, "startTime": "yesterday"}, {"number": 2, "startTime": "yesterday"}]}, [])
@given(statuses("FlowRun"), st.lists(st.sampled_from(["runner", "worker-0"])))
def test_whatever_a_status_says_spans_are_in_order_and_within_the_run(status: Any, names: list[str]) -> None:
    whole = {**run(), "status": status}
    found = of(whole, [pod(name, 1, 2, {"running": {"startedAt": at(1)}}, placed=5) for name in names])
    for row in found.rows:
        ends = [found.begin]
        for span in row.spans:
            assert found.begin <= span.begin <= (span.end or found.end) <= found.end
            assert row.kind != "run" or span.begin >= ends[-1]
            ends.append(span.end or found.end)
        assert all(span.end for span in row.spans[:-1])
