"""Figures from statuses, and why there are none."""

from typing import Any

import pytest
from daskflow.client.report.reading import figures_of, why_none
from hypothesis import given

from tests.unit.client.report.reported import GI, attempt, reported, twice, wire
from tests.unit.plan.any_status import statuses


def test_amounts_are_numbers_and_bins_are_threads() -> None:
    figures = figures_of(reported())
    assert figures
    assert figures.areas
    assert (figures.memory.peak, figures.memory.limit, figures.moved) == (7 * GI, 8 * GI, 93 * GI)
    assert (figures.efficiency, figures.cost, figures.workers) == (0.68, "0.42 EUR", 40)
    assert figures.prefixes[0].mean == pytest.approx(13123.2 / 4012)
    assert [band.name for band in figures.areas.bands][:2] == ["read-parquet", "merge"]
    assert figures.areas.bands[-1].rest
    assert (figures.areas.step, figures.areas.seconds) == (8.0, 509.3), "the last bin is not over"
    assert max(figures.areas.paid) == pytest.approx(80)


def test_attempts_are_named_where_there_was_more_than_one() -> None:
    once, again = figures_of(reported()), figures_of(twice())
    assert once
    assert again
    assert once.attempts == ()
    assert [(each.outcome, each.efficiency, each.peak) for each in again.attempts] == [
        ("Failed", 0.41, 2 * GI),
        ("Succeeded", 0.68, 7 * GI),
    ]


def test_prefixes_are_all_of_them_if_their_tasks_are() -> None:
    known = sum(each["tasks"] for each in wire()["prefixes"])
    assert [
        figures.whole
        for tasks in (known, known + 1)
        if (figures := figures_of(reported(said=wire(tasks=tasks))))
    ] == [True, False]


def test_without_a_timeline_there_is_the_rest() -> None:
    figures = figures_of(reported(said=wire(timeline=None)))
    assert figures
    assert figures.areas is None
    assert figures.tasks == 120433


def test_a_timeline_that_somebody_wrote_over_is_left_out() -> None:
    run = reported()
    run["status"]["report"]["timeline"] = "AAAA"
    figures = figures_of(run)
    assert figures
    assert figures.areas is None


@pytest.mark.parametrize(
    ("status", "spec", "said"),
    [
        ({}, {}, "etl is Pending, and a report is written at its end; wait for that: daskflow wait etl"),
        ({"phase": "Running", "attempts": [attempt(1)]}, {}, "etl is Running, and a report"),
        ({"phase": "Failed", "attempts": []}, {}, "before its flow had begun"),
        (
            {"phase": "Failed", "attempts": [attempt(1, flowStartTime=None)]},
            {},
            "daskflow explain etl says why",
        ),
        ({"phase": "Succeeded", "attempts": [attempt(1, cluster="")]}, {}, "without a Dask scheduler"),
        (
            {"phase": "Succeeded", "attempts": [attempt(1, cluster="")]},
            {"clusterRef": {"name": "shared"}},
            "its operator is older than reports",
        ),
        ({"phase": "Succeeded", "attempts": [attempt(1)]}, {}, "daskflow retry etl"),
    ],
)
def test_a_run_without_a_report_says_why_and_what_to_do(status: Any, spec: Any, said: str) -> None:
    run = {**reported(), "spec": spec, "status": status}
    assert figures_of(run) is None
    assert said in why_none(run)
    assert "\n" not in why_none(run)


@given(statuses("FlowRun"))
def test_whatever_a_status_says_there_are_figures_or_a_sentence(status: Any) -> None:
    run = {**reported(), "status": status}
    assert figures_of(run) or why_none(run).startswith("etl ")
