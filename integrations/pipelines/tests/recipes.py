"""The recipes of this folder as their engines run them: a script, and the environment that it is given."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1]
TASK = yaml.safe_load((FOLDER / "tekton" / "task.yaml").read_text())
ACTION = yaml.safe_load((FOLDER / "github-actions" / "action.yml").read_text())


@dataclass
class Recipe:
    """A script of a shell; the result it leaves in a file, or prints."""

    name: str
    script: str
    environment: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    result: Path | None = None

    def value(self, printed: str) -> str:
        """The flow's result, however it is handed on."""
        if self.result is None:
            return printed
        text = self.result.read_text()
        return text.partition("result=")[2].strip() if self.name == "github-actions" else text


def shell(manifest: str, folder: Path, timeout: str) -> Recipe:
    """The script by itself."""
    (folder / "run.yaml").write_text(manifest)
    script = (FOLDER / "run-flow.sh").read_text()
    return Recipe("shell", script, {"TIMEOUT": timeout}, [str(folder / "run.yaml")])


def tekton(manifest: str, folder: Path, timeout: str) -> Recipe:
    """The step of the Task, with its parameters and results filled in as Tekton does."""
    values = {"params.manifest": manifest, "params.timeout": timeout}
    values |= {f"results.{each['name']}.path": str(folder / each["name"]) for each in TASK["spec"]["results"]}
    [step] = TASK["spec"]["steps"]
    environment = {each["name"]: filled(each["value"], values, "$(", ")") for each in step["env"]}
    return Recipe("tekton", step["script"], environment, result=folder / "result")


def github_actions(manifest: str, folder: Path, timeout: str) -> Recipe:
    """The step of the action, with its inputs filled in as Actions does."""
    inputs = {name: each.get("default", "") for name, each in ACTION["inputs"].items()}
    inputs |= {"manifest": manifest, "timeout": timeout, "namespace": ""}
    [step] = ACTION["runs"]["steps"]
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    environment = {name: filled(value, values, "${{ ", " }}") for name, value in step["env"].items()}
    (folder / "output").touch()
    environment["GITHUB_OUTPUT"] = str(folder / "output")
    return Recipe("github-actions", step["run"], environment, result=folder / "output")


def filled(text: str, values: dict[str, Any], opened: str, closed: str) -> str:
    """A text with its variables filled in."""
    for name, value in values.items():
        text = text.replace(f"{opened}{name}{closed}", str(value))
    return text


RECIPES = (shell, tekton, github_actions)
