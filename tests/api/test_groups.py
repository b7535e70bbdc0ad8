"""What of worker groups the API server takes, and what of them may change once a cluster exists."""

from typing import Any

import pytest

from tests.e2e.flows import dask_cluster, flow_run
from tests.kube import Kube, apply, kubectl

GPU: dict[str, Any] = {
    "name": "gpu",
    "replicas": 0,
    "threads": 2,
    "template": {"spec": {"nodeSelector": {"a": "b"}}},
}
BIG: dict[str, Any] = {"name": "big", "replicas": 0}


def cluster(*groups: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A suspended cluster, of which no pod is made."""
    more = {"workerGroups": list(groups)} if groups else {}
    return dask_cluster("lab", suspend=True, **more, **spec)


def run(*groups: dict[str, Any]) -> dict[str, Any]:
    """A run of these groups that has to wait."""
    spec = {"workers": {"replicas": 1}, "workerGroups": list(groups)}
    return flow_run("lab", "result = 1", cluster=spec)


@pytest.mark.parametrize(
    "changed",
    [
        cluster({**GPU, "replicas": 3}, BIG),
        cluster({**GPU, "autoscale": {"maximum": 3}}, BIG),
        cluster({**GPU, "total": {"cores": 8}}, BIG),
        cluster({**GPU, "required": 1, "patience": "1m", "drainTimeout": "5m"}, BIG),
        cluster(BIG, GPU),
        cluster(GPU, BIG, workers={"replicas": 5, "autoscale": {"maximum": 9}, "drainTimeout": "2m"}),
    ],
    ids=["replicas", "autoscale", "total", "patience", "order", "default"],
)
def test_numbers_may_change(kube: Kube, changed: dict[str, Any]) -> None:
    assert apply(kube, cluster(GPU, BIG)).returncode == 0
    answer = apply(kube, changed)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (cluster(GPU), "workerGroups can gain or lose no item"),
        (cluster(GPU, BIG, {"name": "more"}), "workerGroups can gain or lose no item"),
        (cluster(GPU, {**BIG, "name": "large"}), "workerGroups can gain or lose no item"),
        (cluster(), "workerGroups can gain or lose no item"),
        (cluster({**GPU, "threads": 4}, BIG), "threads in spec.workerGroups cannot change"),
        (
            cluster({**GPU, "template": {"spec": {"nodeSelector": {"a": "c"}}}}, BIG),
            "template in spec.workerGroups",
        ),
        (cluster(GPU, {**BIG, "daskResources": {"GPU": 1}}), "daskResources in spec.workerGroups cannot"),
        (cluster(GPU, {**BIG, "nanny": True}), "nanny in spec.workerGroups cannot change"),
        (cluster(GPU, BIG, idleTimeout="1h"), "spec.idleTimeout cannot change"),
        (cluster(GPU, {**BIG, "total": {"memory": "8Gi"}}), "set resources.limits.memory"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_pods_are_made_from_may_not(kube: Kube, changed: dict[str, Any], says: str) -> None:
    assert apply(kube, cluster(GPU, BIG)).returncode == 0
    answer = apply(kube, changed)
    assert answer.returncode != 0
    assert says in answer.stderr


def test_of_a_run_neither_unless_it_is_suspended(kube: Kube) -> None:
    manifest = run(GPU)
    manifest["spec"]["suspend"] = True
    assert apply(kube, manifest).returncode == 0
    kube.reached("FlowRun", "lab", "Suspended")
    manifest["spec"]["cluster"]["workerGroups"] = [{**GPU, "threads": 4}]
    answer = apply(kube, manifest)
    assert answer.returncode == 0, answer.stderr
    manifest["spec"]["suspend"] = False
    assert apply(kube, manifest).returncode == 0
    manifest["spec"]["cluster"]["workerGroups"] = [{**GPU, "threads": 8}]
    assert "threads in spec.cluster.workerGroups cannot change" in apply(kube, manifest).stderr
    manifest["spec"]["cluster"]["workerGroups"] = [{**GPU, "threads": 4, "replicas": 1}]
    answer = apply(kube, manifest)
    assert answer.returncode == 0, answer.stderr


def test_kubectl_scale_finds_number_and_pods(kube: Kube) -> None:
    assert apply(kube, cluster(GPU)).returncode == 0
    scaled = kubectl("scale", "dkc", "lab", "-n", kube.namespace, "--replicas", "7")
    assert scaled.returncode == 0, scaled.stderr
    path = kube.path("DaskCluster", "lab") + "/scale"
    kube.wait("a selector", lambda: kube.call("GET", path).get("status", {}).get("selector"))
    scale = kube.call("GET", path)
    assert scale["spec"]["replicas"] == 7
    assert scale["status"]["selector"].endswith(",daskflow.dev/group=default")
