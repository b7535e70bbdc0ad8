"""Compose files: which services are what, and what Docker Compose puts into a file."""

from typing import Any

import pytest
import yaml
from daskflow.cli.migration.compose_files.interpolation import interpolated
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.sources import Result, Text, migrate

CLUSTER = {
    "scheduler": {"image": "i", "command": "dask-scheduler"},
    "worker": {"image": "i", "command": "dask-worker scheduler:8786"},
}


def made(services: dict[str, Any], **options: Any) -> Result:
    text = yaml.safe_dump({"name": "Geo_Data", "services": {**CLUSTER, **services}}, sort_keys=False)
    return migrate([Text("compose.yml", text)], Options(**options))


def said(result: Result) -> str:
    return "\n".join(map(str, result.findings))


@pytest.mark.parametrize(
    ("text", "found", "missing"),
    [
        ("${A}", "1", set()),
        ("$A-$B", "1-", {"B"}),
        ("${B:-x}", "x", set()),
        ("${E:-x}${E-y}", "x", set()),
        ("${A:+set}${B:+set}", "set", set()),
        ("${B:?is needed}", "", {"B"}),
        ("$$A costs 3$", "$A costs 3$", set()),
    ],
)
def test_variables_are_put_in(text: str, found: str, missing: set[str]) -> None:
    unset: set[str] = set()
    assert interpolated({"a": [text]}, {"A": "1", "E": ""}, unset) == {"a": [found]}
    assert unset == missing


def test_several_flows_share_a_cluster() -> None:
    flow = {"image": "i", "depends_on": ["scheduler"], "command": "python a.py"}
    cluster, *runs = (manifest for manifest, _ in made({"a": flow, "b": flow}).manifests)
    assert (cluster["kind"], cluster["metadata"]["name"]) == ("DaskCluster", "geo-data")
    assert [run["metadata"]["name"] for run in runs] == ["a", "b"]
    assert all(run["spec"]["clusterRef"] == {"name": "geo-data"} for run in runs)


def test_further_workers_are_a_group() -> None:
    extra = {
        "image": "i",
        "command": ["dask", "worker", "scheduler:8786", "--resources", "GPU=1"],
        "scale": 3,
    }
    ((cluster, _),) = made({"Big_Ones": extra}).manifests
    (group,) = cluster["spec"]["workerGroups"]
    assert (group["name"], group["replicas"], group["daskResources"]) == ("big-ones", 3, {"GPU": 1})


def test_a_service_that_uses_no_cluster_is_named() -> None:
    result = made({"web": {"image": "i", "command": "python -m http.server"}})
    assert "services.web is" in said(result)
    assert [manifest["kind"] for manifest, _ in result.manifests] == ["DaskCluster"]


def test_a_shell_is_not_needed_for_one_command() -> None:
    worker = {"image": "i", "command": ["sh", "-c", "exec dask worker scheduler:8786 --nthreads 4"]}
    ((cluster, _),) = made({"worker": worker}).manifests
    assert cluster["spec"]["workers"] == {"replicas": 1, "threads": 4}


def test_what_a_shell_does_besides_is_named() -> None:
    scheduler = {"image": "i", "command": ["sh", "-c", "./prepare x && dask scheduler"]}
    assert "services.scheduler is" in said(made({"scheduler": scheduler}))


def test_variables_of_files_and_of_the_shell() -> None:
    flow = {
        "image": "i",
        "command": "python a.py",
        "depends_on": ["scheduler"],
        "env_file": ["a.env", {"path": "b.env"}],
        "environment": ["HERE", "GONE", "A=2"],
    }
    files = {"a.env": "# no\nexport A='1'\nB=x\n"}
    result = made({"flow": flow}, variables={"HERE": "yes"}, read_file=files.get)
    ((run, _),) = result.manifests
    (container,) = run["spec"]["runner"]["template"]["spec"]["containers"]
    assert {each["name"]: each["value"] for each in container["env"]} == {"A": "2", "B": "x", "HERE": "yes"}
    assert 'services.flow.env_file[1] is {"path": "b.env"}, which cannot be read here' in said(result)
    assert 'services.flow.environment[1] is "GONE", which is not set here' in said(result)
    assert "but A is given again" in said(result)


def test_a_named_volume_is_a_claim_that_is_asked_for() -> None:
    worker = {**CLUSTER["worker"], "volumes": ["data:/data:ro", {"type": "tmpfs", "target": "/fast"}, "/own"]}
    result = made({"worker": worker})
    ((cluster, _),) = result.manifests
    spec = cluster["spec"]["workers"]["template"]["spec"]
    assert [volume.get("persistentVolumeClaim") for volume in spec["volumes"]] == [
        {"claimName": "data"},
        None,
        None,
    ]
    assert spec["containers"][0]["volumeMounts"][0] == {
        "name": "data",
        "mountPath": "/data",
        "readOnly": True,
    }
    assert "a PersistentVolumeClaim data, which has to be there" in said(result)
