"""Objects of dask-kubernetes: what belongs together, and what a job's program becomes."""

import subprocess
from typing import Any

import pytest
import yaml
from daskflow.cli.migration.options import Options
from daskflow.cli.migration.sources import Result, Text, migrate


def pod(kind: str, *args: str, **fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": kind, "image": "i", "args": list(args), **fields}]}


def cluster(name: str, *args: str, namespace: str | None = None, **fields: Any) -> dict[str, Any]:
    spec = {
        "worker": {"replicas": 2, "spec": pod("worker", *(args or ("dask-worker",)), **fields)},
        "scheduler": {"spec": pod("scheduler", "dask-scheduler"), "service": {}},
    }
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "kubernetes.dask.org/v1", "kind": "DaskCluster", "metadata": metadata, "spec": spec}


def job(name: str, container: dict[str, Any], **status: Any) -> dict[str, Any]:
    spec = {"job": {"spec": {"containers": [container]}}, "cluster": {"spec": cluster("x")["spec"]}}
    header = {"apiVersion": "kubernetes.dask.org/v1", "kind": "DaskJob"}
    return {**header, "metadata": {"name": name}, "spec": spec, "status": status}


def autoscaler(of: str, **metadata: Any) -> dict[str, Any]:
    header = {"apiVersion": "kubernetes.dask.org/v1", "kind": "DaskAutoscaler"}
    return {
        **header,
        "metadata": {"name": of, **metadata},
        "spec": {"cluster": of, "minimum": 1, "maximum": 4},
    }


def made(*objects: dict[str, Any]) -> Result:
    return migrate([Text("x.yaml", yaml.safe_dump_all(objects))], Options())


def said(result: Result) -> str:
    return "\n".join(map(str, result.findings))


def test_labels_of_a_jobs_cluster_are_its_pods() -> None:
    one = job("a", {"name": "j", "image": "i", "args": ["x"]})
    one["spec"]["cluster"]["metadata"] = {"labels": {"a": "cluster", "b": "cluster"}}
    one["spec"]["cluster"]["spec"]["worker"]["metadata"] = {"labels": {"b": "worker"}}
    ((run, _),) = made(one).manifests
    given = run["spec"]["cluster"]
    assert given["scheduler"]["template"]["metadata"]["labels"] == {"a": "cluster", "b": "cluster"}
    assert given["workers"]["template"]["metadata"]["labels"] == {"a": "cluster", "b": "worker"}
    assert "runner" not in run["spec"]


def test_options_of_dask_cuda_are_carried() -> None:
    one = cluster("a", "dask-cuda-worker", "--name", "$(DASK_WORKER_NAME)", "--resources", "GPU=1")
    result = made(one)
    ((made_of, _),) = result.manifests
    assert made_of["spec"]["workers"] == {"replicas": 2, "daskResources": {"GPU": 1}}
    lost = [str(each) for each in result.findings if each.lost]
    assert len(lost) == 1
    assert 'args[0] is "dask-cuda-worker", but workers are `dask worker`' in lost[0]


@pytest.mark.parametrize(
    "field",
    [
        {"affinity": {"podAntiAffinity": {"x": [{"matchLabels": {"dask.org/component": "worker"}}]}}},
        {"topologySpreadConstraints": [{"labelSelector": {"matchLabels": {"dask.org/cluster-name": "a"}}}]},
    ],
)
def test_selectors_of_labels_that_pods_have_no_more_are_named(field: dict[str, Any]) -> None:
    one = cluster("a")
    one["spec"]["worker"]["spec"] |= field
    (name,) = field
    assert f"spec.worker.spec.{name} looks for labels of dask-kubernetes" in said(made(one))


def test_what_a_cron_workflows_job_is_called_and_labelled() -> None:
    inner = job("a", {"name": "j", "image": "i", "args": ["x"]})
    inner["metadata"] = {"generateName": "a-", "labels": {"team": "geo"}, "odd": 1}
    template = {"name": "t", "resource": {"action": "create", "manifest": yaml.safe_dump(inner)}}
    workflow = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "CronWorkflow",
        "metadata": {"name": "n"},
        "spec": {"schedule": "0 3 * * *", "workflowSpec": {"entrypoint": "t", "templates": [template]}},
    }
    result = made(workflow)
    ((schedule, _),) = result.manifests
    assert schedule["spec"]["template"]["metadata"] == {"labels": {"team": "geo"}}
    assert 'metadata.generateName is "a-", since runs are called after' in said(result)
    assert "metadata.odd is 1, for which daskflow has no field" in said(result)


def test_an_autoscaler_is_its_clusters_in_its_namespace() -> None:
    result = made(
        cluster("a", namespace="here"), cluster("a", namespace="there"), autoscaler("a", namespace="there")
    )
    first, second = (manifest["spec"]["workers"] for manifest, _ in result.manifests)
    assert "autoscale" not in first
    assert second["autoscale"] == {"minimum": 1, "maximum": 4}


def test_an_autoscaler_of_nothing_is_named() -> None:
    assert "whose cluster is not among the objects given" in said(made(cluster("a"), autoscaler("b")))


def test_two_of_one_name_get_two_names() -> None:
    result = made(cluster("a"), cluster("a"))
    assert [manifest["metadata"]["name"] for manifest, _ in result.manifests] == ["a", "a-2"]
    assert "another one is called a" in said(result)


def test_a_name_that_is_too_long_is_cut_and_said() -> None:
    result = made(cluster("a" * 53))
    ((manifest, _),) = result.manifests
    assert len(manifest["metadata"]["name"]) == 50
    assert "which is no name of ours (at most 50 characters)" in said(result)


@pytest.mark.parametrize(
    ("container", "command"),
    [
        ({"command": ["python"], "args": ["a.py"]}, ["python", "a.py"]),
        ({"args": ["python", "a.py", "--cost", "$$3"]}, ["python", "a.py", "--cost", "$3"]),
        (
            {"args": ["echo", "it's $(HOME)/x", "$$(A)"]},
            ["sh", "-c", """exec echo 'it'"'"'s '"${HOME}"/x '$''(A)'"""],
        ),
    ],
)
def test_what_a_job_runs(container: dict[str, Any], command: list[str]) -> None:
    ((manifest, _),) = made(job("a", {"name": "job", "image": "i", **container})).manifests
    assert manifest["spec"]["flow"] == {"command": command}


def test_a_shell_puts_in_what_kubernetes_would() -> None:
    container = {"image": "i", "args": ["printf", "%s|", "a $(B)'c", "$$(B)", '"$(B)"']}
    ((manifest, _),) = made(job("a", container)).manifests
    command = manifest["spec"]["flow"]["command"]
    done = subprocess.run(command, env={"B": "x y"}, capture_output=True, text=True, check=True)
    assert done.stdout == 'a x y\'c|$(B)|"x y"|'


def test_a_job_that_has_ended_is_not_run_again() -> None:
    result = made(job("a", {"image": "i", "args": ["x"]}, jobStatus="Failed"), cluster("b"))
    assert [manifest["metadata"]["name"] for manifest, _ in result.manifests] == ["b"]
    assert "the job has ended (Failed), and is left out" in said(result)


@pytest.mark.parametrize(
    ("args", "workers", "sentence"),
    [
        (["dask-worker", "--nthreads=3", "--no-dashboard"], {"threads": 3}, "--no-dashboard"),
        (["python", "-m", "distributed.cli.dask_worker", "tcp://a:8786"], {}, "connect to the cluster's own"),
        (["/usr/bin/tini", "--", "dask", "worker", "--nworkers", "auto"], {}, "but a pod is one worker"),
        (["dask-worker", "--resources", "GPU=1,MEM=1e9"], {"daskResources": {"GPU": 1, "MEM": 10**9}}, ""),
        (
            ["dask-worker", "--lifetime", "1h", "--preload", "a.py"],
            {"args": ["--lifetime", "1h", "--preload", "a.py"]},
            "",
        ),
        (["dask-worker", "--nanny", "--death-timeout", "60"], {"nanny": True}, "--death-timeout 60"),
        (["dask-worker", "--tls-key", "a"], {}, "as spec.security.tls says"),
        (["dask-worker", "--local-directory", "/x"], {}, "workers spill to a volume of their own"),
        (["dask-worker", "--worker-class", "a.B"], {"args": ["--worker-class", "a.B"]}, ""),
        (["dask-cuda-worker"], {}, "put nvidia.com/gpu into workers.resources.limits"),
        (["begin.sh"], {}, "but the pod's process is `dask worker`"),
    ],
)
def test_options_of_a_worker(args: list[str], workers: dict[str, Any], sentence: str) -> None:
    result = made(cluster("a", *args))
    ((manifest, _),) = result.manifests
    assert manifest["spec"]["workers"] == {"replicas": 2, **workers}
    assert sentence in said(result)
