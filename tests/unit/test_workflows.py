"""What the host runs by itself calls targets of the Makefile, and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
AS_ROOT = re.escape('sudo env "PATH=$PATH"')


def commands(workflow: dict[str, Any]) -> list[str]:
    """Each command of each job, for each target of its matrix."""
    return [
        step["run"].replace("${{ matrix.target }}", target)
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "run" in step
        for target in job.get("strategy", {}).get("matrix", {}).get("target", [""])
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_is_a_target(path: Path) -> None:
    found = commands(yaml.safe_load(path.read_text()))
    assert found
    targets = {re.fullmatch(rf"(?:{AS_ROOT} )?make ([a-z-]+)", command)[1] for command in found}  # type: ignore[index]
    assert targets <= TARGETS


def test_what_runs_for_each_change_is_the_readmes_own_test() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yaml").read_text())
    assert commands(workflow) == ["make test"]


def test_a_workflow_may_read_and_no_more() -> None:
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_the_nights_have_every_long_target() -> None:
    nightly = commands(yaml.safe_load((ROOT / ".github" / "workflows" / "nightly.yaml").read_text()))
    long = re.findall(r"^([a-z-]+):[^\n]*##[^\n]*for a night", (ROOT / "Makefile").read_text(), re.M)
    assert long
    assert {f"make {target}" for target in long} <= set(nightly)
