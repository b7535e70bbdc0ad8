"""What their engines would refuse, and that all of them wait in the same way."""

import dataclasses
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
    core = [line.strip() for line in ours.splitlines()]
    core = core[core.index("over=") - 1 : -core[::-1].index("over=yes")]
    core = [line for line in core if line and not line.startswith("#")]
    assert len(core) == 25
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
elif os.environ.get("AWAY") and os.path.exists(os.environ["AWAY"]):
    with open(os.environ["AWAY"], "r+") as file:
        left = int(file.read()) - 1
        file.seek(0)
        file.write(str(left))
    if not left:
        os.remove(os.environ["AWAY"])
    sys.exit("The connection to the server was refused")
elif words[0] == "patch":
    open(os.environ["PATCHED"], "w").close()
elif os.environ.get("GONE") and words[0] in ("wait", "get"):
    sys.exit(words[0] == "wait")
elif words[0] == "wait":
    sys.exit(not status["completionTime"])
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
    told = {"STATUS": json.dumps({"completionTime": "now", **status}), "PATCHED": str(folder / "patched")}
    environment = {**os.environ, "PATH": path, **told, **recipe.environment}
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


@pytest.mark.parametrize("maker", RECIPES)
def test_an_api_server_that_is_away_cancels_nothing(maker: Any, tmp_path: Path) -> None:
    recipe = maker("", tmp_path, "1h")
    away = tmp_path / "away"
    away.write_text("3")
    recipe.environment["AWAY"] = str(away)
    script = recipe.script.replace("over=\n", 'over=\necho 3 > "$AWAY"\n', 1)
    away.unlink()
    done = ran(dataclasses.replace(recipe, script=script), tmp_path, phase="Succeeded", result=1)
    assert done.returncode == 0, done.stderr
    assert recipe.value(done.stdout).strip() == "1"
    assert not away.exists()
    assert not (tmp_path / "patched").exists()


@pytest.mark.parametrize("maker", RECIPES)
def test_a_run_that_is_deleted_is_not_waited_for(maker: Any, tmp_path: Path) -> None:
    recipe = maker("", tmp_path, "1h")
    recipe.environment["GONE"] = "yes"
    done = ran(recipe, tmp_path)
    assert done.returncode == 1
    assert "it was deleted before its end" in done.stderr
    assert not (tmp_path / "patched").exists()


@pytest.mark.parametrize("maker", RECIPES)
def test_a_run_that_takes_too_long_is_cancelled(maker: Any, tmp_path: Path) -> None:
    done = ran(maker("", tmp_path, "1s"), tmp_path, completionTime=None, phase="Running")
    assert done.returncode == 1
    assert "it has not ended within 1s" in done.stderr
    assert (tmp_path / "patched").exists()


@pytest.mark.parametrize("timeout", ["", "45", "500ms", "1d", "soon"])
def test_a_time_that_is_none_is_said_before_anything_is_made(timeout: str, tmp_path: Path) -> None:
    done = ran(github_actions("", tmp_path, timeout), tmp_path)
    assert done.returncode == 2
    assert "TIMEOUT: write for example 90s, 30m or 1h30m" in done.stderr
