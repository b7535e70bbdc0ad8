"""Who may connect to the pods of a cluster of dask-kubernetes' users."""

from typing import Any

import pytest
from daskflow.api.dask_kubernetes.cluster import spec_of
from daskflow.manifests.dask_kubernetes.network_policy import network_policy
from daskflow.manifests.settings import DaskKubernetes, Settings

MEMBERS = {"matchLabels": {"dask.org/cluster-name": "lab"}}
OPERATOR = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ours"}},
    "podSelector": {"matchLabels": {"app": "operator"}},
}
PORTS = [{"protocol": "TCP", "port": 8786}, {"protocol": "TCP", "port": 8787}]


def ingress(policy: Any, service: dict[str, Any]) -> list[dict[str, Any]]:
    settings = Settings(
        b"", b"", "ours", {"app": "operator"}, dask_kubernetes=DaskKubernetes(network_policy=policy)
    )
    meta = {"name": "lab", "namespace": "n", "uid": "u"}
    spec = {"worker": {"spec": {}}, "scheduler": {"spec": {}, "service": service}}
    cluster = {"apiVersion": "kubernetes.dask.org/v1", "kind": "DaskCluster", "metadata": meta, "spec": spec}
    made = network_policy(cluster, spec_of(cluster), settings)
    assert made["spec"]["podSelector"] == MEMBERS
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("lab", "n")
    rules: list[dict[str, Any]] = made["spec"]["ingress"]
    assert rules[:2] == [{"from": [{"podSelector": MEMBERS}]}, {"from": [OPERATOR], "ports": PORTS}]
    return rules[2:]


@pytest.mark.parametrize(
    ("policy", "service", "more"),
    [
        ("Namespace", {}, [{"from": [{"podSelector": {}}], "ports": PORTS}]),
        ("Cluster", {"type": "ClusterIP"}, []),
        ("Cluster", {"type": "NodePort"}, [{"ports": PORTS}]),
        ("Namespace", {"type": "LoadBalancer"}, [{"ports": PORTS}]),
    ],
)
def test_who_may_connect(policy: str, service: dict[str, Any], more: list[dict[str, Any]]) -> None:
    assert ingress(policy, service) == more
