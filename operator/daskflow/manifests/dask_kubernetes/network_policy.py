"""Who may connect to a cluster of dask-kubernetes' users, where the cluster's network enforces policies.

A Service that leads in from outside opens the scheduler's ports to all. Port-forwards and the kubelet's
probes come from the node itself, and need no word here; for what else is to come in users have policies of
their own beside this.
"""

from typing import Any

from daskflow.api.dask_kubernetes.cluster import DaskClusterSpec
from daskflow.api.dask_kubernetes.model import Metadata
from daskflow.api.dask_kubernetes.names import LABEL_CLUSTER
from daskflow.api.names import PORT_SCHEDULER
from daskflow.manifests.dask_kubernetes.metadata import child
from daskflow.manifests.network_policy import operators_pods, tcp
from daskflow.manifests.objects import Object
from daskflow.manifests.settings import Settings

PORT_DASHBOARD = 8787


def network_policy(cluster: Object, spec: DaskClusterSpec, settings: Settings) -> dict[str, Any]:
    """Named like the cluster."""
    name = cluster["metadata"]["name"]
    members = {"matchLabels": {LABEL_CLUSTER: name}}
    ports = [tcp(PORT_SCHEDULER), tcp(PORT_DASHBOARD)]
    ingress: list[dict[str, Any]] = [
        {"from": [{"podSelector": members}]},
        {"from": [operators_pods(settings)], "ports": ports},
    ]
    if spec.scheduler.service.get("type") in ("NodePort", "LoadBalancer"):
        ingress.append({"ports": ports})
    elif settings.dask_kubernetes.network_policy == "Namespace":
        ingress.append({"from": [{"podSelector": {}}], "ports": ports})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": child(cluster, name, Metadata(), {LABEL_CLUSTER: name}),
        "spec": {"podSelector": members, "policyTypes": ["Ingress"], "ingress": ingress},
    }
