"""The program `daskflow` as it is called: wrong use, and what needs no cluster."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from daskflow.cli.main import COMMANDS, app
from daskflow.cli.reference import page
from typer.testing import CliRunner, Result


def call(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"KUBECONFIG": "/nowhere", **environment})


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    answer = call(command, "--help")
    assert answer.exit_code == 0
    assert f" {command} " in answer.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "Did you mean 'run'"),
        (["run"], "give either FLOW"),
        (["run", "nothing"], "'nothing' is no flow"),
        (["run", "a:b", "-f", "x.yaml"], "give either FLOW"),
        (["run", "missing.yaml"], "missing.yaml cannot be read"),
        (["run", "missing.py"], "missing.py cannot be read"),
        (["run", "a:b", "-p", "n"], "-p n is no setting; write -p name=value"),
        (["run", "a:b", "-p", "n=[1"], "-p n is no YAML"),
        (["run", "a:b", "-e", "n"], "write --env NAME=value"),
        (["run", "a:b", "-e", "FOO BAR=1"], "--env FOO BAR is no name of a variable"),
        (["run", "a:b", "-e", "1=2"], "--env 1 is no name of a variable"),
        (["run", "a:b", "--set", "a..b=1"], "is no path"),
        (["run", "a:b", "--set", "a[3]=1"], "there are 0 items"),
        (["run", "a:b", "--workers", "-1"], "--workers"),
        (["wait", "x", "--timeout", "soon"], "'soon' is not a duration"),
        (["get"], "RUN"),
        (["list", "--output", "xml"], "xml"),
    ],
)
def test_wrong_use_ends_with_2_and_a_remedy(arguments: list[str], said: str) -> None:
    answer = call(*arguments)
    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.parametrize("command", [["list"], ["get", "x"], ["run", "a:b", "--image", "x"], ["cancel", "x"]])
def test_without_a_cluster_there_is_a_sentence(command: list[str], tmp_path: Path) -> None:
    missing = call(*command)
    assert (missing.exit_code, "there is no kubeconfig" in missing.output) == (3, True)
    config = tmp_path / "config"
    config.write_text(
        yaml.safe_dump(
            {
                "current-context": "away",
                "contexts": [{"name": "away", "context": {"cluster": "away", "user": "me"}}],
                "clusters": [{"name": "away", "cluster": {"server": "http://127.0.0.1:9"}}],
                "users": [{"name": "me", "user": {}}],
            }
        )
    )
    away = call(*command, "--kubeconfig", str(config))
    assert (away.exit_code, "cannot be reached" in away.output) == (3, True)


def test_a_dry_run_prints_the_manifest() -> None:
    answer = call(
        *(
            "run",
            "flows/etl.py:flow",
            "--image",
            "etl:1",
            "--name",
            "etl",
            "--workers",
            "8",
            "--threads",
            "2",
        ),
        *("--memory", "4Gi", "--cpu", "2", "-p", "day=2026-11-01", "-p", "parts=[1, 2]", "--retries", "2"),
        *("--timeout", "2h", "-e", "A=b", "--set", "cluster.dashboard=true", "--dry-run", "-o", "json"),
    )
    amounts = {"memory": "4Gi", "cpu": "2"}
    assert json.loads(answer.stdout) == {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": "etl"},
        "spec": {
            "image": "etl:1",
            "flow": {
                "entrypoint": "flows/etl.py:flow",
                "parameters": {"day": "2026-11-01", "parts": [1, 2]},
            },
            "cluster": {
                "workers": {
                    "replicas": 8,
                    "threads": 2,
                    "resources": {"requests": amounts, "limits": amounts},
                },
                "dashboard": True,
            },
            "retries": {"limit": 2},
            "deadlines": {"active": "2h"},
            "env": [{"name": "A", "value": "b"}],
        },
    }


def test_a_manifest_is_overridden(tmp_path: Path) -> None:
    path = tmp_path / "flowrun.yaml"
    spec = {"image": "old", "flow": {"entrypoint": "a:b", "parameters": {"n": 1, "m": 2}}}
    run = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": {"name": "x"}, "spec": spec}
    path.write_text(yaml.safe_dump(run))
    answer = call("run", "-f", str(path), "--image", "new", "-p", "n=3", "--dry-run")
    made = yaml.safe_load(answer.stdout)
    assert made["spec"] == {"image": "new", "flow": {"entrypoint": "a:b", "parameters": {"n": 3, "m": 2}}}
    assert made["metadata"] == {"name": "x"}


def test_a_full_disk_is_a_sentence() -> None:
    command = [sys.executable, "-m", "daskflow.cli", "run", "a:b", "--image", "i", "--dry-run"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr == (
        "daskflow: what was printed cannot be written: No space left on device; "
        "make room, or print it elsewhere.\n"
    )


def test_the_page_of_options_is_made_from_the_program() -> None:
    docs = Path(__file__).parents[3] / "docs"
    assert (docs / "cli-options.md").read_text() == page(), "run make crds"


def test_completions_are_printed() -> None:
    assert "_DASKFLOW_COMPLETE" in call("completion", "bash").stdout
