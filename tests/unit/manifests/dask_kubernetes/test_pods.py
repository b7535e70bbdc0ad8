"""Pods of dask-kubernetes' kinds: as users have them, environment appended, old commands rewritten."""

from dataclasses import replace
from typing import Any

import pytest
from daskflow.api.dask_kubernetes import cluster, job, worker_group
from daskflow.manifests.dask_kubernetes.objects import cluster_of, own_group, service
from daskflow.manifests.dask_kubernetes.pods import runner_pod, scheduler_pod, worker_pod
from daskflow.manifests.settings import DaskKubernetes, Settings

from tests.unit.plan.dask_kubernetes import specs
from tests.unit.plan.dask_kubernetes.strange import body

SETTINGS = Settings(root_key=bytes(32), runtime=b"")
ADDRESS = "tcp://lab-scheduler.data.svc.cluster.local:8786"


def worker(container: Any, settings: Settings = SETTINGS) -> Any:
    spec = {"cluster": "lab", "worker": {"spec": {"containers": [container]}}}
    group = body("DaskWorkerGroup", spec, name="lab-default")
    made = worker_pod(group, worker_group.spec_of(group), 3, settings)
    return made["spec"]["containers"][0]


@pytest.mark.parametrize(
    ("container", "args"),
    [
        ({"args": ["dask-worker", "--name", "dask-worker"]}, ["dask", "worker", "--name", "dask-worker"]),
        ({"args": ["dask-scheduler"]}, ["dask", "scheduler"]),
        ({"args": ["dask-worker"], "command": None}, ["dask", "worker"]),
        ({"args": ["dask-worker"], "command": ["tini"]}, ["dask-worker"]),
        ({"args": ["python", "dask-worker"]}, ["python", "dask-worker"]),
        ({"args": ["dask-cuda-worker"]}, ["dask-cuda-worker"]),
        ({"args": [["dask-worker"]]}, [["dask-worker"]]),
        ({"args": []}, []),
    ],
)
def test_only_a_command_that_is_gone_is_rewritten(container: Any, args: list[Any]) -> None:
    assert worker(container)["args"] == args
    off = replace(SETTINGS, dask_kubernetes=DaskKubernetes(rewrite_commands=False))
    assert worker(container, off)["args"] == container["args"]


def test_environment_is_appended_and_what_a_user_has_set_stays() -> None:
    made = worker({"env": [{"name": "DASK_WORKER_NAME", "value": "mine"}, 7], "resources": None})
    assert made["env"] == [
        {"name": "DASK_WORKER_NAME", "value": "mine"},
        7,
        {"name": "DASK_SCHEDULER_ADDRESS", "value": ADDRESS},
    ]
    assert "resources" not in made
    assert worker("nonsense") == "nonsense"


def test_a_worker_is_named_by_group_and_number_and_told_so() -> None:
    group = body("DaskWorkerGroup", specs.WORKER_GROUP, name="lab-default")
    spec = worker_group.spec_of(group)
    one, again, other = (worker_pod(group, spec, number, SETTINGS) for number in (0, 0, 1))
    name = one["metadata"]["name"]
    assert one == again != other
    assert name.startswith("lab-default-worker-")
    assert len(name.rpartition("-")[2]) == 10
    assert {"name": "DASK_WORKER_NAME", "value": name} in one["spec"]["containers"][0]["env"]
    assert one["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "daskflow",
        "dask.org/cluster-name": "lab",
        "dask.org/component": "worker",
        "dask.org/workergroup-name": "lab-default",
        "sidecar.istio.io/inject": "false",
    }


def test_labels_and_annotations_are_passed_on_but_not_those_of_tools_nor_ours() -> None:
    given = body("DaskCluster", specs.CLUSTER)
    given["metadata"] |= {
        "labels": {"team": "a", "app.kubernetes.io/managed-by": "Helm", "daskflow.dev/run": "x"},
        "annotations": {"kopf.zalando.org/last": "{}", "kubectl.kubernetes.io/last": "{}", "note": "b"},
    }
    given["spec"] = {**specs.CLUSTER, "scheduler": {**specs.SCHEDULER, "metadata": {"labels": {"team": "s"}}}}
    spec = cluster.spec_of(given)
    for made in (scheduler_pod(given, spec, SETTINGS), service(given, spec)):
        labels = made["metadata"]["labels"]
        assert (labels["team"], labels["app.kubernetes.io/managed-by"]) == ("s", "daskflow")
        assert "daskflow.dev/run" not in labels
        assert set(made["metadata"]["annotations"]) == {"note", "daskflow.dev/owner"}
        assert made["metadata"]["name"] == "lab-scheduler"
        (owner,) = made["metadata"]["ownerReferences"]
        assert (owner["apiVersion"], owner["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    assert scheduler_pod(given, spec, SETTINGS)["spec"]["containers"][0].get("env") is None
    group = own_group(given, spec)
    assert (group["metadata"]["name"], group["metadata"]["labels"]["team"]) == ("lab-default", "a")
    assert group["metadata"]["annotations"]["daskflow.dev/replicas-of-cluster"] == "2"
    assert worker_group.spec_of(group).worker.spec == cluster.spec_of(given).worker.spec


def test_a_job_has_a_runner_and_a_cluster_of_its_own_name() -> None:
    given = body("DaskJob", specs.JOB)
    spec = job.spec_of(given)
    runner, made = runner_pod(given, spec, SETTINGS), cluster_of(given, spec)
    assert (runner["metadata"]["name"], runner["spec"]["restartPolicy"]) == ("lab-runner", "OnFailure")
    assert runner["spec"]["containers"][0]["env"] == [{"name": "DASK_SCHEDULER_ADDRESS", "value": ADDRESS}]
    assert made["metadata"]["name"] == "lab"
    assert cluster.spec_of(made) == spec.cluster.spec
