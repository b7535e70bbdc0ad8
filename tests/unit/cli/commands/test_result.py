"""`daskflow result` as it is called."""

from pathlib import Path
from typing import Any

import pytest
from daskflow.cli.main import app
from typer.testing import CliRunner, Result

from tests.unit.cli.api_of_objects import Objects, serving


def called(folder: Path, *options: str, **status: Any) -> Result:
    run = {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": "etl", "namespace": "team", "uid": "u"},
        "status": status,
    }
    with serving(Objects(run), folder) as kubeconfig:
        return CliRunner().invoke(app, ["result", "etl", "--kubeconfig", kubeconfig, *options])


def test_what_a_flow_returned_is_json(tmp_path: Path) -> None:
    answer = called(tmp_path, phase="Succeeded", result={"n": 1})
    assert (answer.exit_code, answer.output) == (0, '{\n  "n": 1\n}\n')


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "the run etl has not ended yet: Running, busy; it goes on, and --wait waits for it."),
        (("--timeout", "1s"), "the run etl has not ended after 1 s: Running, busy; it goes on."),
    ],
)
def test_a_run_that_goes_on_has_none_yet(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    answer = called(tmp_path, *options, phase="Running", message="busy.")
    assert (answer.exit_code, answer.output) == (4, f"daskflow: {said}\n")
