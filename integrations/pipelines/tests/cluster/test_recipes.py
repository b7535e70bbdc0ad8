"""The scripts of the recipes on a real cluster, with the rights that their page says are enough."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from integrations.kubectl import IMAGE, Namespace, kubeconfig_of, namespace
from integrations.pipelines.tests.recipes import FOLDER, RECIPES, Recipe

Maker = Callable[[str, Path, str], Recipe]


@pytest.fixture(scope="module")
def door() -> Iterator[Namespace]:
    with namespace() as made:
        made.apply(*yaml.safe_load_all((FOLDER / "rbac.yaml").read_text()))
        yield made


@pytest.fixture
def account(door: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a process that is the pipeline's account."""
    return {**os.environ, "KUBECONFIG": str(kubeconfig_of(door, "pipeline", tmp_path / "kubeconfig"))}


def manifest(name: str, script: str) -> str:
    """A FlowRun without workers: the flow is this script."""
    spec = {"image": IMAGE, "flow": {"script": script}, "cluster": {"workers": {"replicas": 0}}}
    run = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": {"name": name}, "spec": spec}
    return yaml.safe_dump(run)


def named(prefix: str, maker: Maker) -> str:
    """A name of its own for each recipe's run."""
    return f"{prefix}-{maker.__name__.replace('_', '-')}"


def begun(recipe: Recipe, account: dict[str, str]) -> "subprocess.Popen[str]":
    environment = {**account, **{name: value for name, value in recipe.environment.items() if value}}
    environment = {**environment, **({"NAMESPACE": ""} if recipe.name == "github-actions" else {})}
    command = ["sh", "-c", recipe.script, "sh", *recipe.arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)


@pytest.mark.parametrize("maker", RECIPES)
def test_a_flow_that_succeeds(maker: Maker, door: Namespace, account: dict[str, str], tmp_path: Path) -> None:
    recipe = maker(manifest(named("good", maker), "result = {'total': 285}"), tmp_path, "2m")
    process = begun(recipe, account)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert json.loads(recipe.value(out)) == {"total": 285}


@pytest.mark.parametrize("maker", RECIPES)
def test_a_flow_that_fails(maker: Maker, door: Namespace, account: dict[str, str], tmp_path: Path) -> None:
    recipe = maker(manifest(named("bad", maker), "raise ValueError('none')"), tmp_path, "2m")
    process = begun(recipe, account)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Failed" in out + err
    assert "none" in out + err


@pytest.mark.parametrize("maker", RECIPES)
def test_a_pipeline_that_is_ended_cancels(
    maker: Maker, door: Namespace, account: dict[str, str], tmp_path: Path
) -> None:
    name = named("ended", maker)
    process = begun(maker(manifest(name, "import time\ntime.sleep(300)"), tmp_path, "5m"), account)
    door.reached(name, "Running")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert door.ended(name)["phase"] == "Cancelled"


def test_a_run_that_takes_too_long_is_cancelled(
    door: Namespace, account: dict[str, str], tmp_path: Path
) -> None:
    recipe = RECIPES[0](manifest("late", "import time\ntime.sleep(300)"), tmp_path, "3s")
    process = begun(recipe, account)
    process.communicate(timeout=60)
    assert process.returncode not in (0, 2)
    assert door.ended("late")["phase"] == "Cancelled"


def test_a_manifest_that_is_refused_begins_nothing(
    door: Namespace, account: dict[str, str], tmp_path: Path
) -> None:
    refused = manifest("refused", "1").replace("replicas: 0", "replicas: -1")
    process = begun(RECIPES[0](refused, tmp_path, "1m"), account)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "replicas" in err
