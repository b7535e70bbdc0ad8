"""What their engines would refuse, and that all of them wait in the same way."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from integrations.pipelines.tests.recipes import ACTION, FOLDER, RECIPES, TASK, Recipe, github_actions, shell


@pytest.mark.parametrize("recipe", RECIPES)
def test_they_wait_alike(recipe: object, tmp_path: Path) -> None:
    ours = shell("", tmp_path, "1h").script
    pattern = r"finish\(|trap|wait|over=|field\(\)|one\(\)|result\(\)|    \["
    core = [line.strip() for line in ours.splitlines() if re.match(pattern, line)]
    assert len(core) == 11
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
    written = set(re.findall(r"""(?:echo "|printf ')(\w+)=""", ACTION["runs"]["steps"][0]["run"]))
    assert written == set(ACTION["outputs"])
    workflow = yaml.safe_load((FOLDER / "github-actions" / "workflow.yml").read_text())
    [step] = [each for each in workflow["jobs"]["sales"]["steps"] if "with" in each]
    assert set(step["with"]) <= set(ACTION["inputs"])


KUBECTL = """#!/usr/bin/env python3
import json, os, sys
status = json.loads(os.environ["STATUS"])
words = [each for each in sys.argv[1:] if not each.startswith("--namespace")]
if "--dry-run=client" in words:
    print(os.environ.get("NAMESPACES", "flows"))
elif not any(each == "--namespace=flows" for each in sys.argv):
    sys.exit(f"not in the namespace of the FlowRun: {sys.argv}")
elif words[0] == "apply":
    print("flowrun.daskflow.dev/x")
elif words[0] == "get":
    kind, path = words[2].removeprefix("--output=").split("=", 1)
    found = status.get(path.strip("{}").removeprefix(".status."))
    if kind == "jsonpath-as-json":
        print(json.dumps([found], indent=4))
    else:
        print(found if isinstance(found, str) else json.dumps(found), end="")
"""
"""As kubectl prints a field of a FlowRun that has ended."""


def ran(recipe: Recipe, folder: Path, **status: Any) -> "subprocess.CompletedProcess[str]":
    program = folder / "bin" / "kubectl"
    program.parent.mkdir()
    program.write_text(KUBECTL)
    program.chmod(0o755)
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "STATUS": json.dumps(status), **recipe.environment}
    command = ["sh", "-c", recipe.script, "sh", *recipe.arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("result", ['a\nrun=else: "q"\\n  ]', {"a": [1, {"b": "x\ny"}]}, 3.5, True, []])
@pytest.mark.parametrize("maker", RECIPES)
def test_any_result_is_one_line_of_json(maker: Any, tmp_path: Path, result: Any) -> None:
    recipe = maker("", tmp_path, "1h")
    done = ran(recipe, tmp_path, phase="Succeeded", reason="", message="", result=result)
    assert done.returncode == 0, done.stderr
    assert json.loads(recipe.value(done.stdout)) == result
    if recipe.name == "github-actions":
        written = recipe.result.read_text().splitlines()
        assert [each.partition("=")[0] for each in written] == ["run", "result"]


def test_no_words_of_a_flow_are_commands_to_actions(tmp_path: Path) -> None:
    recipe = github_actions("", tmp_path, "1h")
    done = ran(recipe, tmp_path, phase="Failed", reason="FlowFailed", message="50 %\n::add-mask::a\r\nend")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "::error title=FlowRun Failed::FlowFailed: 50 %25 ::add-mask::a  end "
    ]


@pytest.mark.parametrize("namespaces", ["", "flows\nflows"])
@pytest.mark.parametrize("maker", RECIPES)
def test_what_is_no_single_flowrun_is_not_begun(maker: Any, tmp_path: Path, namespaces: str) -> None:
    recipe = maker("", tmp_path, "1h")
    recipe.environment["NAMESPACES"] = namespaces
    done = ran(recipe, tmp_path, phase="Succeeded", reason="", message="", result=1)
    assert done.returncode == 2
    assert "exactly one FlowRun is needed" in done.stderr
