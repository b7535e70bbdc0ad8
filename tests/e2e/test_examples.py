"""Each example does on the cluster what its page says; all of them run at once."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.flows import flow_role
from tests.kube import Kube, Object, apply, kubectl, namespace

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples"
SECONDS = 240
"""For any example, while all others run too; Prefect 3 alone takes half a minute for its 301 tasks."""
DIAMOND = 9900
RESULTS: dict[str, Any] = {
    "diamond": DIAMOND,
    "diamond-prefect1": DIAMOND,
    "diamond-prefect3": DIAMOND,
    "squares": 333283335000,
    "command": None,
    "instant": 6,
    "script": {"scheduler": 9, "worker": 6, "runner": 6},
}
PRINTED = {
    "diamond": "the sum over 100 diamonds is 9900",
    "command": "pi is about 3.14",
    "script": "the longest word has 9 letters",
}
DAYS = {"2026-11-01": {"pushes": 2599, "commits": 7904}, "2026-11-02": {"pushes": 2549, "commits": 7651}}
FIRST_HOUR = {"2026-11-01": {"pushes": 851, "commits": 2608}}


def manifests(example: str, file: str = "flowrun.yaml") -> list[Object]:
    return list(yaml.safe_load_all((EXAMPLES / example / file).read_text()))


@pytest.fixture(scope="module")
def running(installed: None) -> Iterator[Kube]:
    """All examples that need nothing but their image, begun, under Pod Security `restricted`."""
    with namespace() as kube:
        for example in RESULTS:
            applied = apply(kube, *manifests(example))
            assert applied.returncode == 0, applied.stderr
        yield kube


@pytest.mark.parametrize("example", RESULTS)
def test_example(running: Kube, example: str) -> None:
    status = running.ended(example, SECONDS)
    assert (status["phase"], status.get("result")) == ("Succeeded", RESULTS[example]), status["message"]
    assert PRINTED.get(example, "") in running.runner_log(example)


@pytest.mark.parametrize("example", ["diamond", "squares", "command", "script"])
def test_it_is_the_same_without_kubernetes(running: Kube, example: str) -> None:
    command = [sys.executable, "-m", "daskflow.cli", "local", f"{example}/flowrun.yaml", "--output", "-"]
    local = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, check=False)
    here, there = json.loads(local.stdout), running.ended(example, SECONDS)
    same = ("phase", "reason", "message", "result", "failure", "attempt")
    assert {name: here.get(name) for name in same} == {name: there.get(name) for name in same}


def test_each_folder_is_an_example_with_a_page() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*RESULTS, "etl", "schedule"}
    readme = (REPOSITORY / "README.md").read_text()
    for folder in folders:
        assert (EXAMPLES / folder / "README.md").exists()
        assert f"(examples/{folder})" in readme


@pytest.fixture
def archives(installed: None, tmp_path: Path) -> Iterator[Kube]:
    """A volume with archives, and the account that may make clusters."""
    with namespace(restricted=False) as kube, flow_role(kube):
        volume, claim, job = manifests("etl", "storage.yaml")
        volume["metadata"]["name"] = claim["spec"]["volumeName"] = f"archives-{kube.namespace}"
        volume["spec"]["claimRef"]["namespace"] = kube.namespace
        volume["spec"]["hostPath"]["path"] = str(tmp_path / "archives")
        applied = apply(kube, volume, claim, job)
        assert applied.returncode == 0, applied.stderr
        made = ["wait", "job/archives", "-n", kube.namespace, "--for=condition=complete", "--timeout=60s"]
        assert kubectl(*made).returncode == 0, kube.picture()
        yield kube
    kubectl("delete", "persistentvolume", volume["metadata"]["name"], "--wait=false")


def test_a_flow_makes_a_cluster_only_when_there_is_more_than_one_file(archives: Kube) -> None:
    (many,) = manifests("etl")
    one = copy.deepcopy(many)
    one["metadata"]["name"] = "one-file"
    parameters = one["spec"]["flow"]["parameters"]
    parameters.update(files=parameters["files"][:1], output="/data/one-file")
    applied = apply(archives, many, one)
    assert applied.returncode == 0, applied.stderr
    for name, where, days in (("one-file", "this pod", FIRST_HOUR), ("etl", "a cluster of 4 workers", DAYS)):
        status = archives.ended(name, SECONDS)
        assert (status["phase"], status.get("result")) == ("Succeeded", {"where": where, "days": days}), (
            status
        )
    archives.wait("the flow's cluster to go", lambda: not archives.items("DaskCluster"))
