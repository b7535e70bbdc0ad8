"""`daskflow timeline` as it is called."""

import json
from pathlib import Path
from typing import Any

import pytest
from daskflow.cli.main import app
from typer.testing import CliRunner, Result

from tests.unit.cli.api_of_objects import Objects, serving
from tests.unit.client.timeline.a_run import at, event, pod, twice


def objects(**more: Any) -> Objects:
    run = {**twice(), "apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun"}
    ended = {"terminated": {"startedAt": at(4), "finishedAt": at(8)}}
    runner = {**pod("runner", 1, 1, ended, placed=2), "kind": "Pod"}
    late = {**event("FlowRun", "etl", "Unschedulable", 2, type="Warning"), "kind": "Event"}
    run["metadata"]["namespace"] = "team"
    return Objects(run, runner, late, **more)


def called(found: Objects, folder: Path, *options: str) -> Result:
    with serving(found, folder) as kubeconfig:
        return CliRunner().invoke(app, ["timeline", "etl", "--kubeconfig", kubeconfig, *options])


def test_it_is_plain_text_of_80_columns_where_there_is_no_terminal(tmp_path: Path) -> None:
    answer = called(objects(), tmp_path)
    assert answer.exit_code == 0, answer.output
    picture = answer.output.split("\n\n")[0].splitlines()
    assert "\x1b" not in answer.output
    assert 70 < max(map(len, picture)) <= 80
    assert any(line.startswith("  runner") for line in picture)
    assert "2s Unschedulable: Unschedulable. (FlowRun etl)" in answer.output


def test_it_is_an_svg_or_the_spans_if_that_is_asked_for(tmp_path: Path) -> None:
    assert called(objects(), tmp_path, "-o", "svg").output.startswith("<svg ")
    found = json.loads(called(objects(), tmp_path, "-o", "json").output)
    assert found["end"] == "2026-01-01T12:00:30+00:00"
    assert found["spans"][0]["phase"] == "Pending"
    assert found["events"][0]["reason"] == "Unschedulable"


@pytest.mark.parametrize("forbidden", ["events", "pods"])
def test_without_a_right_it_shows_the_rest(tmp_path: Path, forbidden: str) -> None:
    answer = called(objects(forbidden=(forbidden,)), tmp_path)
    assert answer.exit_code == 0, answer.output
    assert ("  runner" in answer.output) == (forbidden != "pods")
    assert ("Unschedulable" in answer.output) == (forbidden != "events")
