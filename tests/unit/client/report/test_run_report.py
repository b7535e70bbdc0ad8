"""`run.report`, as programs and notebooks have it."""

import gzip
import json
from pathlib import Path

from daskflow.client.run import AsyncRun

from tests.unit.client.report.reported import Object, reported, slower
from tests.unit.client.report.test_page import Seen
from tests.unit.client.report.test_record import RECORD


def test_it_is_there_when_the_run_has_one() -> None:
    report = AsyncRun(reported()).report
    assert report
    assert report.figures.efficiency == 0.68
    assert str(report).startswith("etl: Succeeded after 8m29s\n\ntasks        120 433   3 failed\n")
    assert report.svg().startswith("<svg ")
    assert report.html().startswith("<!doctype html>")
    running: Object = {**reported(), "status": {"phase": "Running"}}
    assert AsyncRun(running).report is None


def test_a_notebook_shows_pictures_with_their_rules() -> None:
    report = AsyncRun(reported()).report
    assert report
    seen = Seen(report._repr_html_())
    assert seen.names[:2] == ["style", "div"]
    assert "read-parquet" in seen.text


def test_two_of_them_are_compared(tmp_path: Path) -> None:
    now, before = AsyncRun(reported("today", slower())).report, AsyncRun(reported()).report
    assert now
    assert before
    found = now.against(before)
    assert str(found).startswith("> today took 12m30s")
    assert found.difference.rows[0].cells[0] == "merge"
    assert "What became slower" in Seen(found._repr_html_()).text


def test_two_of_the_same_name_are_told_apart() -> None:
    now, before = AsyncRun(reported("orders", slower())).report, AsyncRun(reported("orders")).report
    assert now
    assert before
    said = str(now.against(before))
    assert said.startswith("> orders took 12m30s")
    assert "longer than orders before" in said


def test_the_record_of_each_task_is_added(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json.gz"
    path.write_bytes(gzip.compress(json.dumps(RECORD).encode()))
    report = AsyncRun(reported()).report
    assert report
    assert [each.name for each in report.with_record(str(path)).figures.by_worker] == ["w-1", "w-0"]
