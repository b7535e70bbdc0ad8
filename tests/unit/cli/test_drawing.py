"""A timeline in letters."""

from typing import Any

from daskflow.cli.drawing import MOST_WARNINGS, drawn
from daskflow.client.timeline.spans import timeline
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.client.timeline.a_run import NOW, at, attempt, event, pod, run, twice
from tests.unit.plan.any_status import statuses


def lines(*args: Any, width: int = 42, ascii_only: bool = True) -> list[str]:
    made = drawn(timeline(*args, now=NOW), width, ascii_only=ascii_only)
    return ["".join(text for text, _ in line).rstrip() for line in made]


def test_a_run_with_two_attempts() -> None:
    ended = {"terminated": {"startedAt": at(4), "finishedAt": at(8), "reason": "OOMKilled"}}
    late = event("FlowRun", "etl", "Unschedulable", 2, type="Warning", message="No node.")
    assert lines(twice(), [pod("runner", 1, 1, ended, placed=2)], [late]) == [
        "etl: Succeeded after 30s",
        "           0s              15s",
        "etl        .---####~~~~~~~~~~~--##########",
        "             ^",
        "attempt 1   ======= Failed: FlowFailed",
        "  runner    .--#### OOMKilled",
        "attempt 2           Succeeded ============",
        "",
        ". Pending  - Starting  # Running  ~ Retrying",
        "",
        "attempt 1: Failed (FlowFailed) after 7s",
        "attempt 2: Succeeded after 12s",
        "2s Unschedulable: No node. (FlowRun etl)",
    ]


def test_it_has_blocks_and_colours_where_there_is_more_than_ascii() -> None:
    made = drawn(timeline(twice(), now=NOW), 40)
    assert ("░░", "yellow") in made[2]
    assert any(style == "green" for line in made for _, style in line)


def test_a_run_that_goes_on_says_for_how_long() -> None:
    whole = run(attempt(1, 1, None, None), phase="Starting", reason="ImagePullFailed")
    said = lines(whole)
    assert said[0] == "etl: Starting (ImagePullFailed) for 1m"
    assert said[-1] == "attempt 1: goes on, for 59s"


def test_a_warning_about_several_pods_comes_once_and_of_many_the_last() -> None:
    names = [f"etl-hhhhhhhh-1-worker-{number}" for number in range(3)]
    same = [event("Pod", name, "Failed", 5, type="Warning") for name in names]
    others = [
        event("FlowRun", "etl", f"Reason{number}", 6 + number, type="Warning")
        for number in range(MOST_WARNINGS)
    ]
    assert lines(twice(), [], same)[-1] == f"5s Failed: Failed. (Pod {names[0]} and 2 more)"
    said = lines(twice(), [], [*same, *others])
    assert said[-MOST_WARNINGS - 1] == "1 warnings before these"


@given(statuses("FlowRun"), st.integers(20, 120))
def test_whatever_a_status_says_the_picture_is_as_wide_as_it_may_be(status: Any, width: int) -> None:
    said = lines({**run(), "status": status}, width=width)
    picture = said[: said.index("")]
    assert max(map(len, picture)) <= max(width, 36)
    assert all(line.isprintable() for line in said)
