"""Compose files: which services are what, and what Docker Compose puts into a file."""

from typing import Any

import pytest
import yaml
from daskflow.cli.migration.compose_files.interpolation import Interpolation
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
        ("$$A costs 3$$", "$A costs 3$", set()),
        ("${B:-${C:-x}}${A:-${C:?y}}", "x1", set()),
        ("${B:-${C}}", "", {"C"}),
    ],
)
def test_variables_are_put_in(text: str, found: str, missing: set[str]) -> None:
    variables = Interpolation({"A": "1", "E": ""})
    assert variables.of({"a": [text]}) == {"a": [found]}
    assert (variables.missing, variables.wrong) == (missing, set())


@pytest.mark.parametrize("text", ["costs 3$", "a:${", "${1bad}", "${A", "${A:-${B}", "${A:x}", "$ {A}"])
def test_what_docker_compose_refuses_is_named(text: str) -> None:
    variables = Interpolation({"A": "1"})
    assert variables.of({"a": [text]}) == {"a": [text]}
    assert variables.wrong == {text}
    assert "is no text to Docker Compose" in said(
        made({"worker": {**CLUSTER["worker"], "working_dir": text}})
    )


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


@pytest.mark.parametrize(
    "command", [["bash", "-c", "./prepare x && dask scheduler"], 'bash -c "./prepare x; exec dask scheduler"']
)
def test_what_a_shell_does_besides_is_named(command: Any) -> None:
    result = made({"scheduler": {"image": "i", "command": command}})
    assert 'is "./prepare x", but no script runs before Dask' in said(result)
    assert [manifest["kind"] for manifest, _ in result.manifests] == ["DaskCluster"]


def test_a_worker_that_sleeps_first_is_a_worker() -> None:
    worker = {"image": "i", "command": 'sh -c "sleep 10 && dask worker scheduler:8786 --nthreads 4"'}
    ((cluster, findings),) = made({"worker": worker}).manifests
    assert cluster["spec"]["workers"] == {"replicas": 1, "threads": 4}
    assert not any(each.lost for each in findings)


@pytest.mark.parametrize(
    ("entrypoint", "command"),
    [
        ("tini -g --", ["dask", "worker", "scheduler:8786", "--nthreads", "4"]),
        ("dask worker", ["scheduler:8786", "--nthreads", "4"]),
        (["dask", "worker"], "scheduler:8786 --nthreads 4"),
    ],
)
def test_entrypoint_and_command_may_be_text_or_list(entrypoint: Any, command: Any) -> None:
    worker = {"image": "i", "entrypoint": entrypoint, "command": command}
    ((cluster, _),) = made({"worker": worker}).manifests
    assert cluster["spec"]["workers"] == {"replicas": 1, "threads": 4}


@pytest.mark.parametrize("program", ["dask-cuda-worker", "dask cuda worker"])
def test_workers_of_dask_cuda_are_workers(program: str) -> None:
    command = f"{program} scheduler:8786 --resources GPU=1 --rmm-pool-size 10GB --enable-nvlink"
    result = made({"worker": {"image": "i", "command": command}})
    ((cluster, _),) = result.manifests
    assert cluster["spec"]["workers"] == {"replicas": 1, "daskResources": {"GPU": 1}}
    assert f'is "{program}", but workers are `dask worker`, one in a pod' in said(result)
    for option in ("--rmm-pool-size 10GB", "--enable-nvlink"):
        assert f'is "{option}", which is an option of dask-cuda alone' in said(result)


def test_what_a_service_extends_is_put_together() -> None:
    base = {
        **CLUSTER["worker"],
        "environment": ["A=1", "B=1"],
        "depends_on": ["scheduler"],
        "deploy": {"replicas": 2, "resources": {"limits": {"memory": "1G"}}},
    }
    own = {"extends": "worker", "environment": {"B": 2}, "deploy": {"replicas": 5}}
    further = {"extends": {"service": "big"}, "command": ["dask", "worker", "--nthreads", "3"]}
    result = made({"worker": base, "big": own, "bigger": further})
    ((cluster, _),) = result.manifests
    big, bigger = cluster["spec"]["workerGroups"]
    assert (big["replicas"], big["resources"]) == (5, {"limits": {"memory": "1Gi"}})
    assert (bigger["replicas"], bigger["threads"]) == (5, 3)
    (container,) = big["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert "extends" not in said(result)


@pytest.mark.parametrize("of", ["worker", "gone", 3, {"file": "x.yml", "service": "a"}])
def test_what_cannot_be_extended_is_named(of: Any) -> None:
    loop = {**CLUSTER["worker"], "extends": of}
    told = said(made({"worker": loop}))
    assert "services.worker.extends is" in told
    assert "which is another file's, or not there" in told


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ({"gpus": "all"}, "nvidia.com/gpu"),
        ({"runtime": "nvidia"}, "runtimeClassName"),
        ({"cap_add": ["SYS_PTRACE"]}, "leave it out"),
        ({"ulimits": {"nofile": 65536}}, "nodes set"),
        ({"extra_hosts": ["a:10.0.0.1"]}, "hostAliases"),
        ({"dns": "10.0.0.1"}, "dnsConfig"),
    ],
)
def test_what_kubernetes_says_otherwise_is_told(field: dict[str, Any], word: str) -> None:
    result = made({"worker": {**CLUSTER["worker"], **field}})
    (line,) = [str(each) for each in result.findings if each.lost]
    assert line.startswith(f"compose.yml: services.worker.{next(iter(field))} is")
    assert word in line


def test_words_are_text_as_to_docker_compose() -> None:
    text = "services: {worker: {image: i, command: dask worker, environment: {A: yes, n: off, T: true}}}"
    ((cluster, _),) = migrate([Text("compose.yml", text)], Options()).manifests
    assert {each["name"]: each["value"] for each in cluster["spec"]["env"]} == {
        "A": "yes",
        "n": "off",
        "T": "true",
    }


@pytest.mark.parametrize("image", ["ghcr.io/dask/dask:${TAG}", "{{ .Values.image }}", "a b", "a:1@"])
def test_an_image_that_no_image_can_be_called_is_named(image: str) -> None:
    services = {name: {**each, "image": image} for name, each in CLUSTER.items()}
    result = made(services)
    ((cluster, _),) = result.manifests
    assert cluster["spec"]["image"] == "ghcr.io/dask/dask:latest"
    assert "which no image is called; write image by hand" in said(result)
    assert "it names no image" in said(result)


@pytest.mark.parametrize("value", [9, "scheduler", {"scheduler": None}, [3], None])
def test_depends_on_may_be_anything(value: Any) -> None:
    made({"a": {"image": "i", "command": "run", "depends_on": value}})


def test_a_variable_without_a_name_is_named() -> None:
    result = made({"worker": {**CLUSTER["worker"], "environment": ["=c", "A=1"]}})
    assert 'environment[0] is "=c", which names no variable' in said(result)
    ((cluster, _),) = result.manifests
    (container,) = cluster["spec"]["workers"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": "1"}]


def test_folders_in_memory_keep_their_size() -> None:
    fast = {"type": "tmpfs", "target": "/fast", "tmpfs": {"size": 2**30, "mode": 0o700}}
    result = made({"worker": {**CLUSTER["worker"], "volumes": [fast]}})
    ((cluster, _),) = result.manifests
    (volume,) = cluster["spec"]["workers"]["template"]["spec"]["volumes"]
    assert volume["emptyDir"] == {"medium": "Memory", "sizeLimit": "1073741824"}
    assert "tmpfs.mode is 448" in said(result)


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
