"""What their engines would refuse, and that all of them wait in the same way."""

import re
from pathlib import Path

import pytest
import yaml

from integrations.pipelines.tests.recipes import ACTION, FOLDER, RECIPES, TASK, shell


@pytest.mark.parametrize("recipe", RECIPES)
def test_they_wait_alike(recipe: object, tmp_path: Path) -> None:
    ours = shell("", tmp_path, "1h").script
    pattern = r"finish\(|trap|wait|over=|field\(\)|    \["
    core = [line.strip() for line in ours.splitlines() if re.match(pattern, line)]
    assert len(core) == 9
    theirs = [line.strip() for line in recipe("", tmp_path, "1h").script.splitlines()]  # type: ignore[operator]
    assert [line for line in core if line not in theirs] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_nothing_is_put_into_a_script_as_text(recipe: object, tmp_path: Path) -> None:
    made = recipe("$(touch x) ${{ inputs.x }}", tmp_path, "1h")  # type: ignore[operator]
    assert not re.search(r"\$\{\{|\$\((params|results|context)\.", made.script)


def test_the_task_names_what_it_uses() -> None:
    text = (FOLDER / "tekton" / "task.yaml").read_text()
    used = set(re.findall(r"\$\(params\.(\w+)\)", text))
    assert used == {each["name"] for each in TASK["spec"]["params"]}
    used = set(re.findall(r"\$\(results\.(\w+)\.path\)", text))
    assert used == {each["name"] for each in TASK["spec"]["results"]}
    pipeline = yaml.safe_load((FOLDER / "tekton" / "pipeline.yaml").read_text())
    [task] = pipeline["spec"]["tasks"]
    needed = {each["name"] for each in TASK["spec"]["params"] if "default" not in each}
    assert needed <= {each["name"] for each in task["params"]}


def test_the_action_names_what_it_uses() -> None:
    text = (FOLDER / "github-actions" / "action.yml").read_text()
    assert set(re.findall(r"inputs\.(\w+)", text)) == set(ACTION["inputs"])
    written = set(re.findall(r'echo "(\w+)=', ACTION["runs"]["steps"][0]["run"]))
    assert written == set(ACTION["outputs"])
    workflow = yaml.safe_load((FOLDER / "github-actions" / "workflow.yml").read_text())
    [step] = [each for each in workflow["jobs"]["sales"]["steps"] if "with" in each]
    assert set(step["with"]) <= set(ACTION["inputs"])
