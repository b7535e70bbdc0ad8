"""The report in letters has room in any terminal, and is told apart without colours."""

import pytest
from daskflow.client.report.difference import difference
from daskflow.client.report.figures import Areas, Band
from daskflow.client.report.letter_areas import drawn_areas, letters_of
from daskflow.client.report.letters import drawn, told
from daskflow.client.report.reading import figures_of
from rich.cells import cell_len

from tests.unit.client.report.reported import crowded, hostile, reported, slower, twice


def text(run: object = None, width: int = 80, *, ascii_only: bool = False) -> list[str]:
    found = figures_of(run or twice())  # type: ignore[arg-type]
    assert found
    return [
        "".join(piece for piece, _ in line).rstrip() for line in drawn(found, width, ascii_only=ascii_only)
    ]


@pytest.mark.parametrize("width", [40, 80, 132])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("run", [twice(), crowded(), hostile()], ids=["usual", "crowded", "hostile"])
def test_no_line_is_wider_than_the_terminal(run: object, width: int, ascii_only: bool) -> None:
    assert max(map(len, text(run, width, ascii_only=ascii_only))) <= width


def test_it_has_totals_hints_pictures_and_attempts() -> None:
    lines = text()
    assert lines[0] == "etl: Succeeded after 8m29s"
    assert "efficiency   68 %      7h33m in tasks, of 11h3m of threads" in lines
    assert "> workers were idle 32 % of the time; 28 would have been enough" in lines
    assert any(line.startswith("80") and "───" in line for line in lines)
    assert "attempt 1: Failed, efficiency 41 %, peak memory 2.0Gi" in lines


def test_of_a_run_that_is_tried_again_it_is_said_whose_report_it_is() -> None:
    (first, *_) = text(reported(phase="Retrying", reason="OutOfMemory"))
    assert first == "etl: Retrying (OutOfMemory); its last attempt that ended did after 8m29s"


def test_areas_are_as_high_as_threads_were_busy_and_told_apart() -> None:
    figures = figures_of(reported())
    assert figures
    areas = Areas(1.0, (10.0, 10.0), (Band("a", (5.0, 0.0)), Band("b", (2.0, 8.0))), 2.0)
    letters = letters_of(figures._replace(areas=areas), ascii_only=True)
    lines = ["".join(piece for piece, _ in line) for line in drawn_areas(areas, letters, 24)]
    rows = lines[1:11]
    left, right = ("".join(row[column] if len(row) > column else " " for row in rows) for column in (4, 22))
    assert left == "-  %%#####"
    assert right == "- %%%%%%%%"


def test_bars_and_columns_give_way_to_names_and_times() -> None:
    wide, narrow = text(width=100), text(width=40)
    (head,) = [line for line in wide if line.startswith("prefix")]
    assert head.split() == ["prefix", "time", "tasks", "mean", "longest", "results"]
    (head,) = [line for line in narrow if line.startswith("prefix")]
    assert head.split() == ["prefix", "time"]
    (row,) = [line for line in narrow if line.startswith("read-parquet")]
    assert row.endswith("3h38m")


def test_nothing_of_a_status_can_do_more_than_be_read() -> None:
    whole = "\n".join(text(hostile()))
    assert "\x1b" not in whole
    assert "\u202e" not in whole


@pytest.mark.parametrize("width", [40, 80])
def test_what_became_slower_has_room_too(width: int) -> None:
    now, before = figures_of(reported("today", slower())), figures_of(reported())
    assert now
    assert before
    lines = ["".join(piece for piece, _ in line) for line in told(difference(now, before), width)]
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("> today took 12m30s")
    assert any(line.startswith("merge") and "+1h43m" in line for line in lines)


def test_bars_begin_in_one_column_whatever_letters_names_are_of() -> None:
    run = reported()
    names = ["日本語のタスク名前はとても長い", "🎉🎉🎉", "e\u0301te\u0301", "load"]
    prefixes = run["status"]["report"]["prefixes"][:4]
    run["status"]["report"]["prefixes"] = [
        {**each, "name": name} for each, name in zip(prefixes, names, strict=True)
    ]
    lines = text(run)
    (head,) = (index for index, line in enumerate(lines) if line.startswith("prefix"))
    rows = lines[head + 1 : head + 5]
    assert len({cell_len(row) for row in rows}) == 1
    starts = {cell_len(row[: next(at for at, letter in enumerate(row) if letter in "█▓▒░")]) for row in rows}
    assert len(starts) == 1


def test_one_thread_is_one() -> None:
    run = reported()
    run["status"]["report"]["workers"] = {"count": 1, "threads": 1}
    assert any("with 1 thread" in line and "threads" not in line for line in text(run))
