"""`daskflow report` as it is called."""

import gzip
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from daskflow.cli.main import app
from typer.testing import CliRunner, Result

from tests.terminal import terminal
from tests.unit.cli.api_of_objects import Objects, serving
from tests.unit.client.report.reported import hostile, reported, slower, twice
from tests.unit.client.report.test_record import RECORD


def called(folder: Path, *options: str, run: dict[str, Any] | None = None, **env: str) -> Result:
    objects = Objects(run or twice(), reported("today", slower()))
    with serving(objects, folder) as kubeconfig:
        arguments = ["report", *(options or ("etl",)), "--kubeconfig", kubeconfig]
        return CliRunner(env=env).invoke(app, arguments)


def test_it_is_plain_text_of_80_columns_where_there_is_no_terminal(tmp_path: Path) -> None:
    answer = called(tmp_path)
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert "\x1b" not in answer.output
    assert 70 < max(map(len, lines)) <= 80
    assert lines[0] == "etl: Succeeded after 8m29s"
    assert lines[-1] == "daskflow report etl -o archive packs all about the run for a colleague."


@pytest.mark.parametrize(("form", "begin"), [("svg", "<svg "), ("html", "<!doctype"), ("text", "etl: S")])
def test_each_form_goes_to_stdout_and_to_a_file(tmp_path: Path, form: str, begin: str) -> None:
    assert called(tmp_path, "etl", "-o", form).output.startswith(begin)
    path = tmp_path / "out"
    answer = called(tmp_path, "etl", "-o", form, "-f", str(path))
    assert answer.output == f"{path}\n"
    assert path.read_text().startswith(begin)
    again = called(tmp_path, "etl", "-o", form, "-f", str(path))
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    assert called(tmp_path, "etl", "-o", form, "-f", str(path), "--force").exit_code == 0


def test_programs_get_numbers(tmp_path: Path) -> None:
    found = json.loads(called(tmp_path, "etl", "-o", "json").output)
    assert (found["run"], found["efficiency"], found["memory"]["peak"]) == ("etl", 0.68, 7 * 2**30)
    assert len(found["areas"]["paid"]) == 64
    assert found["prefixes"][0]["name"] == "read-parquet"
    assert found["byWorker"] == []


def test_against_another_run_it_says_what_became_slower(tmp_path: Path) -> None:
    answer = called(tmp_path, "today", "--against", "etl")
    assert answer.output.startswith("> today took 12m30s, 4m1s longer than etl")
    both = called(tmp_path, "today", "--against", "flowrun/etl", "-o", "html").output
    assert both.count('class="plot"') == 2
    found = json.loads(called(tmp_path, "today", "--against", "etl", "-o", "json").output)
    assert found["sentences"][0].startswith("today took")
    assert found["prefixes"][0] == {
        "name": "merge",
        "more": 6210.5,
        "now": {"name": "merge", "tasks": 2004, "seconds": 12421.0, "longest": 9.4, "size": 61 * 2**30},
        "before": {"name": "merge", "tasks": 2004, "seconds": 6210.5, "longest": 9.4, "size": 61 * 2**30},
    }


def test_with_the_record_it_has_all_prefixes_and_workers(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json.gz"
    path.write_bytes(gzip.compress(json.dumps(RECORD).encode()))
    answer = called(tmp_path, "etl", "--record", str(path))
    assert "4s of load, from 0s on, on w-0" in answer.output
    assert "42s in 11 tasks: w-1" in answer.output
    assert any(line.startswith("rare") for line in answer.output.splitlines())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("etl", "-o", "archive", "--against", "today"), "leave --against and --record out"),
        (("etl", "-o", "svg", "--against", "today"), "-o html --against shows two side by side"),
        (("etl", "--record", "/no/where"), "copy the file here first"),
        (("etl", "-o", "archive", "-f", "x.zip"), "the archive is a .tar.gz"),
        (("etl", "--against", "a/b"), "a/b"),
        (("etl", "--against", "etlx"), "there is no run etlx"),
    ],
)
def test_wrong_use_is_a_sentence(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    answer = called(tmp_path, *options)
    assert (answer.exit_code, said in answer.output) == (2, True), answer.output


@pytest.mark.parametrize("form", ["text", "svg", "html", "json"])
def test_a_run_without_a_report_is_one_sentence(tmp_path: Path, form: str) -> None:
    run = twice()
    run["status"] = {"phase": "Running", "attempts": []}
    answer = called(tmp_path, "etl", "-o", form, run=run)
    assert answer.exit_code == 2
    said = "daskflow: etl is Running, and a report is written at its end; wait for that: daskflow wait etl."
    assert answer.output == f"{said}\n"


@pytest.mark.parametrize("form", ["text", "svg", "html"])
def test_texts_of_a_status_do_nothing_to_a_terminal_or_browser(tmp_path: Path, form: str) -> None:
    run = hostile()
    run["metadata"]["name"] = "etl"
    answer = called(tmp_path, "etl", "-o", form, run=run)
    assert answer.exit_code == 0, answer.output
    assert "\x1b" not in answer.output
    if form == "svg":
        ElementTree.fromstring(answer.output)
    if form != "text":
        assert "<img" not in answer.output


def test_a_file_with_the_object_or_its_status_stands_for_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    (tmp_path / "whole.json").write_text(json.dumps(twice()))
    (tmp_path / "before.json").write_text(json.dumps(twice()["status"]))
    found = CliRunner().invoke(app, ["report", "whole.json"])
    assert found.output.startswith("etl: Succeeded after 8m29s")
    assert found.output.endswith("daskflow report whole.json -o html is a page with the picture.\n")
    compared = CliRunner().invoke(app, ["report", "whole.json", "--against", "./before.json"])
    assert compared.output.startswith("> Nothing became slower than in before by more than a tenth.")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"metadata": {}}', "[" * 100_000])
def test_a_file_that_holds_neither_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.json").write_text(text)
    found = CliRunner().invoke(app, ["report", "x.json"])
    assert (found.exit_code, "holds no FlowRun and no status of one" in found.output) == (2, True)
    packed = CliRunner().invoke(app, ["report", "x.json", "-o", "archive"])
    assert (packed.exit_code, "give a run's name" in packed.output) == (2, True)


@pytest.mark.parametrize("columns", [40, 100])
def test_on_a_terminal_it_is_as_wide_as_that_and_in_colour(tmp_path: Path, columns: int) -> None:
    path = tmp_path / "etl.json"
    path.write_text(json.dumps(twice()))
    with terminal("report", str(path), columns=columns, lines=70) as shown:
        assert shown.ended() == 0
        (row,) = [index for index, line in enumerate(shown.shown) if line.startswith("read-parquet")]
        assert len(shown.shown[row]) == min(columns, 98)
        assert "blue" in shown.colours(row)
    with terminal("report", str(path), columns=columns, lines=70, NO_COLOR="1") as shown:
        assert shown.ended() == 0
        assert shown.colours(row) == {"default"}
        assert b"\x1b[3" not in shown.written


def test_where_a_terminal_has_no_more_than_ascii_nothing_else_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "etl.json"
    path.write_text(json.dumps(hostile()))
    with terminal("report", str(path), lines=70, PYTHONIOENCODING="ascii") as shown:
        assert shown.ended() == 0
        assert shown.written.isascii()
        assert b"\x1b]" not in shown.written


@pytest.mark.parametrize(
    "options", [("gone.json",), ("gone.json", "--against", "x"), ("etl", "--against", "gone.json")]
)
def test_a_file_that_is_not_there_is_said_before_any_cluster_is_asked(options: tuple[str, ...]) -> None:
    found = CliRunner(env={"KUBECONFIG": "/nowhere"}).invoke(app, ["report", *options])
    assert found.exit_code == 2
    assert "there is no file gone.json" in found.output.replace("\n", " ")
