"""What became slower: sentences of what changed, those that cost the most first."""

from typing import Any

import pytest
from daskflow.client.report.difference import Difference, difference
from daskflow.client.report.figures import Figures
from daskflow.client.report.reading import figures_of

from tests.unit.client.report.reported import GI, reported, slower, wire


def figures(said: Any = None, name: str = "etl") -> Figures:
    found = figures_of(reported(name, said or wire()))
    assert found
    return found


def compared(said: Any) -> Difference:
    return difference(figures(said, "today"), figures())


def test_the_same_again_is_not_slower() -> None:
    found = compared(wire())
    assert found.sentences == ("Nothing became slower than in etl by more than a tenth.",)
    assert all(row.seconds == 0 for row in found.rows)


def test_what_takes_longer_says_whether_tasks_are_slower_or_more() -> None:
    times = "\N{MULTIPLICATION SIGN}"
    assert compared(slower()).sentences == (
        f"today took 12m30s, 4m1s longer than etl (1.5{times}).",
        "Threads were in tasks for less of their time: efficiency is 56 %, it was 68 %.",
        f"merge took 3h27m of thread time, 1h43m more: 6.2s a task in place of 3.1s (2.0{times}).",
    )
    said = wire()
    said["prefixes"][1] |= {"tasks": 4008, "seconds": 12421.0}
    assert compared(said).sentences == (
        "merge took 3h27m of thread time, 1h43m more: 4\u202f008 tasks in place of 2\u202f004.",
    )


def test_what_costs_the_most_comes_first_in_sentences_and_rows() -> None:
    said = slower(2.0, ("merge", "fillna", "read-parquet"))
    found = compared(said)
    first = [sentence.split()[0] for sentence in found.sentences]
    assert first == ["today", "read-parquet", "merge", "fillna"]
    assert [row.cells[0] for row in found.rows][:3] == ["read-parquet", "merge", "fillna"]


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        (120433 - 2004 + 5000, "explode is not among the dearest of etl"),
        (sum(each["tasks"] for each in wire()["prefixes"]), "explode is new"),
    ],
)
def test_a_new_prefix_is_called_new_only_if_all_old_ones_are_known(tasks: int, said: str) -> None:
    before = figures(wire(tasks=tasks))
    new = {"name": "explode", "tasks": 500, "seconds": 2000.0}
    now = figures(wire(prefixes=[*wire()["prefixes"], new]), "today")
    (sentence,) = difference(now, before).sentences
    assert sentence == f"{said}: 33m20s of thread time in 500 tasks."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"memory": {"peak": 8 * GI, "spilled": 12 * GI}},
            "A worker took up to 8.0Gi of memory, before 7.0Gi.",
        ),
        ({"memory": {"peak": 7 * GI, "spilled": 30 * GI}}, "Workers spilled 30.0Gi, before 12.0Gi."),
        ({"workers": {"count": 40, "deaths": 5}}, "Workers died: 5, before 2."),
        ({"failed": 7}, "Tasks failed: 7, before 3."),
        ({"movedSeconds": 2000.0}, "Transfers between workers took 33m20s, 28m19s more."),
        (
            {"threadSeconds": {**wire()["threadSeconds"], "queued": 9000.0}},
            "Tasks waited for a thread for 2h30m, 2h10m more.",
        ),
        (
            {"workers": {"count": 40, "deaths": 2, "absent": 700.0}},
            "There were tasks to do and no worker for 11m40s, 11m40s more.",
        ),
    ],
)
def test_other_losses_have_their_sentences(change: Any, said: str) -> None:
    assert compared(wire(**change)).sentences == (said,)


def test_what_became_better_is_in_the_table_alone() -> None:
    found = difference(figures(), figures(slower(), "before"))
    assert found.sentences == ("Nothing became slower than in before by more than a tenth.",)
    (row,) = [row for row in found.rows if row.seconds]
    assert row.cells[:4] == ("merge", "1h43m", "3h27m", "\N{MINUS SIGN}1h43m")
