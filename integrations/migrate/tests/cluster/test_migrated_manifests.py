"""What each kind of input comes to runs: runs succeed, clusters get Ready."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from integrations.kubectl import Namespace, namespace, until
from tests.unit.cli.migration.cases import examples, names, recorded

CLUSTERS = "daskclusters.daskflow.dev"
SECONDS = 180
PREFECT = "prefect_flow.py"
"""Imports a package that no image has; the flow of the page is run in its place."""


def lightened(value: Any) -> Any:
    """With requests that a node of two cores has room for."""
    if isinstance(value, dict):
        light = {"cpu": "50m", "memory": "64Mi"}
        return {
            key: {**child, **{name: light[name] for name in light if name in child}}
            if key == "requests"
            else lightened(child)
            for key, child in value.items()
        }
    return [lightened(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", [name for name in names() if name != PREFECT])
def test_an_input_comes_to_manifests_that_run(name: str) -> None:
    manifests = [lightened(each) for each in yaml.safe_load_all(recorded(name).read_text())]
    with namespace(restricted=False) as place:  # a sidecar of the input does as it likes
        place.apply(*manifests)
        for each in manifests:
            called = each["metadata"]["name"]
            if each["kind"] == "FlowRun":
                assert place.ended(called, SECONDS)["phase"] == "Succeeded", place.picture()
            elif each["kind"] == "FlowSchedule":
                _ticks(place, each)
            else:
                _is_ready(place, called, each)


def _ticks(place: Namespace, schedule: dict[str, Any]) -> None:
    """The schedule knows its next tick, and a run of it succeeds."""
    name = schedule["metadata"]["name"]

    def next_tick() -> Any:
        return ((place.get("flowschedules", name) or {}).get("status") or {}).get("nextScheduleTime")

    until(f"FlowSchedule {name} to have a next tick", next_tick, SECONDS, place.picture)
    run = {"apiVersion": schedule["apiVersion"], "kind": "FlowRun", "metadata": {"name": name}}
    place.apply({**run, "spec": schedule["spec"]["template"]["spec"]})
    assert place.ended(name, SECONDS)["phase"] == "Succeeded", place.picture()


def _is_ready(place: Namespace, name: str, manifest: dict[str, Any]) -> None:
    def ready() -> bool:
        status = (place.get(CLUSTERS, name) or {}).get("status") or {}
        return bool(status.get("phase") == "Ready")

    until(f"DaskCluster {name} to be Ready", ready, SECONDS, place.picture)
    workers = (place.get(CLUSTERS, name) or {})["status"]["workers"]
    spec = manifest["spec"]["workers"]
    assert workers["ready"] >= spec.get("autoscale", {}).get("minimum", spec.get("replicas"))


def test_a_flow_of_prefect_goes_on_without_its_task_runner(tmp_path: Path) -> None:
    (example,) = (each for each in examples() if each.file == "flows/etl.py")
    manifest = lightened(yaml.safe_load(example.output))
    (tmp_path / "flows").mkdir()
    (tmp_path / example.file).write_text(example.text)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(manifest))
    with namespace() as place:
        command = [sys.executable, "-m", "daskflow.cli", "run", "-f", "run.yaml", "--code", ".", "--wait"]
        done = subprocess.run(
            [*command, "--namespace", place.name, "--name", "etl"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr + place.picture()
        assert place.status("etl")["phase"] == "Succeeded"
