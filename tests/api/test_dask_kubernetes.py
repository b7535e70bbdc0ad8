"""What the definitions of dask-kubernetes' kinds accept: all that published ones do, and more of a pod."""

from typing import Any

import pytest

from tests.e2e.dask_kubernetes.manifests import CLUSTER, GROUP, cluster, group
from tests.kube import Kube, kubectl

pytestmark = pytest.mark.usefixtures("installed")


def tried(kube: Kube, body: dict[str, Any]) -> dict[str, Any]:
    """As the API server would store it."""
    kind = CLUSTER if body["kind"] == "DaskCluster" else body["kind"]
    found: dict[str, Any] = kube.call("POST", kube.path(kind), body, dryRun="All", fieldValidation="Strict")
    return found


def test_nulls_of_clients_become_defaults_and_a_pods_spec_is_kept_whole(kube: Kube) -> None:
    body = cluster("lab", None)
    pod = body["spec"]["scheduler"]["spec"]
    pod["initContainers"] = [{"name": "side", "image": "x", "restartPolicy": "Always", "newest": 1}]
    stored = tried(kube, body)["spec"]
    assert (stored["idleTimeout"], stored["worker"]["replicas"]) == (0, 1)
    assert stored["scheduler"]["spec"] == pod


def test_an_autoscaler_may_leave_its_bounds_open(kube: Kube) -> None:
    body = {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskAutoscaler",
        "metadata": {"name": "lab"},
        "spec": {"cluster": "lab", "minimum": None, "maximum": None},
    }
    assert tried(kube, body)["spec"] == {"cluster": "lab"}


def test_a_job_keeps_what_flyte_sends(kube: Kube) -> None:
    whole = cluster("x")["spec"]
    del whole["idleTimeout"]
    template = {"spec": whole, "metadata": {"labels": {"flyte": "x"}}}
    runner = {
        "metadata": {"annotations": {"a": "b"}},
        "spec": {"containers": [{"name": "job", "image": "x"}]},
    }
    body = {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskJob",
        "metadata": {"name": "sums"},
        "spec": {"job": runner, "cluster": template},
        "status": {},
    }
    stored = tried(kube, body)["spec"]
    assert stored["job"] == runner
    assert stored["cluster"]["metadata"] == template["metadata"]


def test_groups_and_clusters_are_scaled_by_kubectl_under_their_short_names(kube: Kube) -> None:
    kube.create(group("more", "nobody", 0))
    kube.create(cluster("lab", 0))
    for what in ("daskworkers/more", "dsk/lab"):
        scaled = kubectl("scale", what, "--replicas=1", "-n", kube.namespace, "--dry-run=server")
        assert scaled.returncode == 0, scaled.stderr
    status = kube.reached(CLUSTER, "lab", "Running", seconds=20)
    assert "observedGeneration" in status
    assert (
        kube.wait("the group to be told of", lambda: kube.status(GROUP, "more"))["reason"] == "ClusterMissing"
    )
