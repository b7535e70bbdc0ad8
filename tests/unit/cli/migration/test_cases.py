"""What people have comes to the manifests that are recorded, and all of those are taken."""

import importlib
import pkgutil
from pathlib import Path

import pytest
import yaml
from daskflow.cli import migration
from daskflow.cli.migration.draft import refusal

from tests.unit.cli.migration.cases import (
    EXPECTED,
    INPUTS,
    Example,
    examples,
    migrated,
    names,
    printed,
    recorded,
)


@pytest.mark.parametrize("name", names())
def test_an_input_comes_to_what_is_recorded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m tests.unit.cli.migration.cases` records what it comes to now."""
    monkeypatch.chdir(INPUTS)
    answer = migrated(name)
    assert answer.exit_code == 0, answer.output
    assert answer.stdout == recorded(name).read_text()


def test_nothing_is_recorded_that_has_no_input() -> None:
    assert {path.stem for path in EXPECTED.iterdir()} == {Path(name).stem for name in names()}


@pytest.mark.parametrize("name", names())
def test_what_is_recorded_is_taken(name: str) -> None:
    for manifest in yaml.safe_load_all(recorded(name).read_text()):
        assert refusal(manifest) == ""


def test_each_loss_is_a_line_on_stderr_and_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INPUTS)
    answer = migrated("dask_job.yaml")
    comments = [line[4:] for line in answer.stdout.splitlines() if line.startswith("#   ")]
    said = [line.removeprefix("daskflow: ") for line in answer.stderr.splitlines()]
    assert said[:-1] == comments[: len(said) - 1]
    assert said[-1] == f"{len(comments) - len(said) + 1} settings are not needed any more; see the comments."


def test_json_is_one_list_and_all_is_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INPUTS)
    answer = migrated("kube_cluster.py", options=("-o", "json"))
    whole = yaml.safe_load(answer.stdout)
    assert whole["kind"] == "List"
    assert [item["metadata"]["name"] for item in whole["items"]] == ["features", "scratch"]
    assert "shutdown_on_close is false" in answer.stderr


def test_strict_prints_no_manifest_when_something_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INPUTS)
    answer = migrated("compose.yml", options=("--strict",))
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "services.etl.build" in answer.stderr


def test_files_are_read_together() -> None:
    """A group of workers in one file is part of the cluster in another."""
    answer = migrated(*(str(INPUTS / name) for name in ("dask_job.yaml", "dask_cluster.json")))
    kinds = [document["kind"] for document in yaml.safe_load_all(answer.stdout)]
    assert kinds == ["FlowRun", "DaskCluster"]


def test_an_input_may_come_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    from daskflow.cli.main import app
    from typer.testing import CliRunner

    answer = CliRunner().invoke(app, ["migrate", "-"], input=(INPUTS / "helm_values.yaml").read_bytes())
    assert answer.exit_code == 0
    assert "standard input: scheduler.serviceType" in answer.stderr


@pytest.mark.parametrize("example", examples(), ids=lambda example: str(example.file))
def test_the_page_shows_what_is_printed(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m tests.unit.cli.migration.cases` writes it into docs/migrating.md."""
    monkeypatch.chdir(tmp_path)
    assert printed(example, tmp_path) == example.output
    for manifest in yaml.safe_load_all(example.output):
        assert refusal(manifest) == ""


def test_the_page_has_an_example_of_each_source() -> None:
    files = {example.file for example in examples()}
    assert files == {
        "job.yaml",
        "compose.yml",
        "values.yaml",
        "jobqueue.yaml",
        "features.py",
        "nightly.py",
        "flows/etl.py",
    }


def test_all_that_is_said_is_a_sentence() -> None:
    """Of the tables of each source, from which most sentences come."""
    modules = pkgutil.walk_packages(migration.__path__, f"{migration.__name__}.")
    tables = [
        value
        for module in modules
        for name, value in vars(importlib.import_module(module.name)).items()
        if name in ("_LOST", "_OURS", "_WITHOUT") and isinstance(value, dict)
    ]
    assert len(tables) > 4
    assert all(isinstance(why, str) for table in tables for why in table.values())
