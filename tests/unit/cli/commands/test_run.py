"""`daskflow run` and the files that go along: what it prints with --dry-run, without a cluster."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.cli.main import app
from typer.testing import CliRunner

from tests.unit.cli.api_server import Server


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a flow, which is the working directory."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "etl.py").write_text("flow = print")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sources(*arguments: str) -> tuple[list[dict[str, Any]], str]:
    """spec.flow.files.sources of the manifest, and what was said besides."""
    done = CliRunner().invoke(app, ["run", *arguments, "--image", "python", "--dry-run"])
    assert done.exit_code == 0, done.output
    made = yaml.safe_load(done.stdout)
    return ((made["spec"]["flow"].get("files") or {}).get("sources") or []), done.stderr


def test_a_file_here_brings_its_folder_along(project: Path) -> None:
    (source,), said = sources("flows/etl.py:flow")
    assert source["archive"] is True
    assert source["configMapRef"]["name"].startswith("daskflow-code-")
    assert f"1 file of {project} goes along, 1 KiB; --no-code leaves it here" in said
    assert f"a dry run makes no ConfigMap, and this manifest names {source['configMapRef']['name']}" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["flows/etl.py:flow", "--no-code"], ""),
        (["app.etl:flow"], ""),
        (["/app/etl.py:flow"], ""),
        (["app/etl.py:flow"], "app/etl.py is not in this folder; it is looked for in the image"),
        (["flows.etl:flow"], "flows.etl is looked for in the image; flows/etl.py:flow sends the files"),
        (["HERE/flows/etl.py:flow"], "is looked for in the image; flows/etl.py:flow sends the files"),
    ],
    ids=str,
)
def test_what_is_in_the_image_stays_alone(project: Path, arguments: list[str], words: str) -> None:
    found, said = sources(arguments[0].replace("HERE", str(project)), *arguments[1:])
    assert (found, bool(said)) == ([], bool(words))
    assert words in said


def test_of_a_file_elsewhere_it_is_said_where_it_would_go_along(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    found, said = sources(f"{project}/flows/etl.py:flow")
    assert not found
    assert f"from {project}/flows, etl.py:flow sends the files of that folder" in said


def test_a_file_outside_the_folder_is_not_sent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    done = CliRunner().invoke(app, ["run", "../flows/etl.py:flow", "--image", "python", "--dry-run"])
    assert done.exit_code == 2
    assert "../flows/etl.py lies outside this folder" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--name", "Öl_Run"], "metadata.name is 'Öl_Run'"),
        (["--set", "nope.x=1"], "spec.nope is no field of a FlowRun"),
        (["--image", ""], "--image is empty"),
        (["--memory", "lots"], "'lots'"),
        (["-p", "n=.nan"], "spec.flow.parameters.n is nan"),
    ],
    ids=str,
)
def test_a_dry_run_says_what_would_be_refused(project: Path, arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["run", "a:b", "--image", "i", "--dry-run", *arguments])
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_another_folder_goes_along_where_it_is_named(project: Path) -> None:
    (source,), _ = sources("etl:flow", "--code", "flows")
    assert json.dumps(source).count("daskflow-code-") == 1


def test_secrets_stay_here_unless_forced(project: Path) -> None:
    (project / ".env").write_text("A=1")
    done = CliRunner().invoke(app, ["run", "flows/etl.py:flow", "--image", "python", "--dry-run"])
    assert done.exit_code != 0
    assert len(sources("flows/etl.py:flow", "--force")[0]) == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("small", ""),
        (
            "smal",
            "there is no pool smal in namespace team; did you mean small? The run waits until there is one",
        ),
        ("x", "no pool x in namespace team; `daskflow pool list` shows those that there are. The run waits"),
    ],
)
def test_of_a_pool_that_is_not_there_it_is_said_what_was_meant(server: Server, named: str, said: str) -> None:
    server.put("clusterpools", {"kind": "ClusterPool", "metadata": {"name": "small"}, "spec": {}})
    done = server.call("run", "etl:flow", "--image", "flows:1", "--name", "etl", "--pool", named)
    assert done.exit_code == 0, done.output
    assert said in done.stderr
    assert ("there is no pool" in done.stderr) is bool(said)
