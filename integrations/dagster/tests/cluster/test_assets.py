"""Assets are materialised by FlowRuns on a real cluster, which report through the runner's log."""

import re
from pathlib import Path
from typing import Any

import pytest
from dagster import ExecuteInProcessResult, materialize

from integrations.dagster.tests.cluster.conftest import definitions_of
from integrations.kubectl import Namespace

README = (Path(__file__).parents[2] / "README.md").read_text()


def execute(door: Namespace, name: str) -> ExecuteInProcessResult:
    """An asset of definitions.py, materialised in this process."""
    module = definitions_of(door)
    resources = {"daskflow": module.defs.resources["daskflow"]}
    return materialize([getattr(module, name)], resources=resources, raise_on_error=False)


def shown(done: ExecuteInProcessResult, name: str) -> dict[str, Any]:
    """The metadata of the one materialisation."""
    [event] = done.asset_materializations_for_node(name)
    return {key: value.value for key, value in event.metadata.items()}


def test_a_flow_on_dask_materialises_an_asset(door: Namespace, capfd: pytest.CaptureFixture[str]) -> None:
    done = execute(door, "sales")
    assert done.success
    metadata = shown(done, "sales")
    assert metadata["total"] == 285
    assert metadata["daskflow_result"] == {"total": 285}
    assert metadata["long"] == "x" * 40000  # containerd writes it in three pieces
    [check] = done.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("positive", True)
    out, err = capfd.readouterr()
    assert "this is no message" in out
    assert "attempt 1 for day 7" in err
    namespace, _, name = metadata["daskflow_run"].partition("/")
    assert namespace == door.name
    run = door.get("flowruns", name)
    assert run is not None
    assert run["metadata"]["labels"]["dagster.io/run-id"] == done.run_id


def test_what_the_attempt_that_failed_reported_is_void(door: Namespace) -> None:
    done = execute(door, "twice")
    assert done.success
    metadata = shown(done, "twice")
    assert (metadata["attempt"], metadata["daskflow_attempts"]) == (2, 2)
    assert [check.passed for check in done.get_asset_check_evaluations()] == [True]


def test_a_failure_says_why_and_a_hopeless_one_is_not_tried_again(door: Namespace) -> None:
    done = execute(door, "wrong")
    assert not done.success
    failure = done.failure_data_for_node("wrong")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "is Failed: ParametersInvalid: " in str(failure.user_failure_data.description)
    assert "unknown" in str(failure.user_failure_data.description)


def test_the_readmes_example_runs_as_it_stands(door: Namespace) -> None:
    ours, flow = re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S)
    metadata = {"name": "sales"}
    door.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"sales.py": flow}})
    for old, new in {
        'namespace="flows"': f"namespace={door.name!r}",
        '"replicas": 8': '"replicas": 2',
        "registry.example.com/flows:1": definitions_of(door).IMAGE,
        ':flow"}': ':flow", "files": {"configMapRef": {"name": "sales"}}}',
    }.items():
        assert old in ours
        ours = ours.replace(old, new)
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(ours, "README.md", "exec"), names)
    defs = names["defs"]
    done = materialize(list(defs.assets), resources=defs.resources)
    assert shown(done, "sales")["total"] == 4950
    assert [check.passed for check in done.get_asset_check_evaluations()] == [True]
