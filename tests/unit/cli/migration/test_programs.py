"""Programs as people write them: what is read of them, and what is told of the rest."""

from typing import Any

import pytest
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.sources import Result, Text, migrate

IMPORTS = """import coiled
from dask_kubernetes import KubeCluster as Classic
from dask_kubernetes.operator import KubeCluster, make_cluster_spec
from prefect import flow
from prefect_dask import DaskTaskRunner
"""


def made(text: str) -> Result:
    return migrate([Text("x.py", IMPORTS + text)], Options())


def specs(result: Result) -> list[dict[str, Any]]:
    return [manifest["spec"] for manifest, _ in result.manifests]


def lost(result: Result) -> str:
    return "\n".join(str(each) for each in result.findings if each.lost)


def test_a_spec_that_is_changed_is_read_with_its_changes() -> None:
    result = made(
        "spec = make_cluster_spec(name='gpu', n_workers=4, image='r:1')\n"
        "spec['spec']['worker']['spec']['containers'][0]['args'].extend(['--nthreads', '3'])\n"
        "spec['spec']['worker']['spec']['tolerations'] = [{'key': 'gpu', 'operator': 'Exists'}]\n"
        "cluster = KubeCluster(custom_cluster_spec=spec)\n"
    )
    (spec,) = specs(result)
    workers = spec["workers"]
    assert (spec["image"], workers["replicas"], workers["threads"]) == ("r:1", 4, 3)
    assert workers["template"]["spec"]["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
    assert lost(result) == ""


@pytest.mark.parametrize(
    ("told", "workers"),
    [
        ("c.scale(2)\nc.scale(7)\n", {"replicas": 7}),
        (
            "c.adapt(0, 3)\nc.adapt(minimum=1, maximum=4)\n",
            {"replicas": 1, "autoscale": {"minimum": 1, "maximum": 4}},
        ),
        ("c.adapt(0, 3)\nc.scale(7)\n", {"replicas": 7}),
        (
            "c.scale(7)\nc.adapt(0, 3)\n",
            {"replicas": 7, "autoscale": {"minimum": 0, "maximum": 3}},
        ),
    ],
)
def test_what_a_cluster_is_told_last_counts(told: str, workers: dict[str, Any]) -> None:
    result = made("c = KubeCluster(name='lab', image='r:1', n_workers=1)\n" + told)
    assert specs(result)[0]["workers"] == workers
    assert lost(result) == ""


def test_a_group_that_is_scaled_is_not_the_cluster() -> None:
    result = made("c = KubeCluster(name='lab', image='r:1', n_workers=1)\nc.scale(5, worker_group='big')\n")
    assert specs(result)[0]["workers"] == {"replicas": 1}
    assert "scale in line 7" in lost(result)


def test_the_image_of_a_further_group_is_not_the_clusters() -> None:
    result = made("c = KubeCluster(n_workers=1)\nc.add_worker_group('big', 3, 'img:2')\n")
    (spec,) = specs(result)
    assert spec["image"] == "ghcr.io/dask/dask:latest"
    (group,) = spec["workerGroups"]
    assert group["template"]["spec"]["containers"] == [{"name": "worker", "image": "img:2"}]
    assert "it names no image" in lost(result)


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    def m(self):\n        self.c = KubeCluster()\n        self.c.scale(7)\n",
        "if (c := KubeCluster()):\n    c.scale(7)\n",
        "c = KubeCluster(**dict(n_workers=7))",
        "c = KubeCluster(**({'n_workers': 1} | {'n_workers': 7}))",
    ],
)
def test_what_a_cluster_is_told_is_found(text: str) -> None:
    (spec,) = specs(made(text))
    assert spec["workers"]["replicas"] == 7


def test_the_name_by_which_a_program_goes_on_is_that_of_its_cluster() -> None:
    result = made("KubeCluster(name='a')\nKubeCluster(name='a')\n")
    told = [[str(each) for each in findings if "from_name" in str(each)] for _, findings in result.manifests]
    assert [len(each) for each in told] == [1, 1]
    assert "from_name('a')" in told[0][0]
    assert "from_name('a-2')" in told[1][0]


def test_a_pod_of_the_classic_class_is_no_name() -> None:
    result = made("pod = make_pod_spec(image='i')\nc = Classic(pod, n_workers=3)\n")
    (spec,) = specs(result)
    assert spec["workers"]["replicas"] == 3
    assert "pod_template is pod, which is a pod" in lost(result)
    assert "name is" not in lost(result)


def test_clusters_that_are_made_otherwise_are_named() -> None:
    result = made("KubeCluster()\nClassic.from_yaml('x.yaml')\nKubeCluster.from_name('there')\n")
    assert "line 7: KubeCluster: from_yaml(…) makes a cluster of a file" in lost(result)
    assert "from_name(…) connects" not in lost(result)
    assert any("from_name(…) connects" in str(each) for each in result.findings)


def test_what_is_computed_of_a_texts_parts_is_left_open() -> None:
    result = made("T = 'v1'\nKubeCluster(image=f'a:{T}', name=f'b-{t}')\n")
    assert specs(result)[0]["image"] == "a:v1"
    assert "name is f'b-{t}', which is no fixed name" in lost(result)


FLOW = "@flow(task_runner=DaskTaskRunner({}))\ndef f(): ...\n"


@pytest.mark.parametrize("method", ["serve", "deploy"])
def test_deployments_of_a_flow_are_named(method: str) -> None:
    result = made(FLOW.format("") + f"f.{method}(name='n', cron='0 * * * *')\n")
    assert f"f.{method}(…) in line 8 is Prefect's" in lost(result)


@pytest.mark.parametrize("kind", ["distributed.LocalCluster", "dask.distributed.LocalCluster"])
def test_a_local_cluster_by_its_whole_name_needs_nothing(kind: str) -> None:
    result = made(FLOW.format(f"cluster_class='{kind}', cluster_kwargs=dict(n_workers=3)"))
    assert specs(result)[0]["cluster"]["workers"]["replicas"] == 3
    assert "cluster_class" not in lost(result)
    assert "cluster_kwargs" not in lost(result)


@pytest.mark.parametrize(
    "given", ["job_extra_directives=['--gres=gpu:2', '--exclusive']", "resource_spec='select=1:ngpus=2'"]
)
def test_gpus_of_a_batch_system_are_told_of(given: str) -> None:
    result = made(f"c = SLURMCluster(cores=1, memory='1GB', {given})")
    assert "asks it for GPUs; put nvidia.com/gpu" in lost(result)
