"""The NetworkPolicy of a cluster: who may open connections to its pods.

Only where the cluster's network enforces policies; the certificates do not depend on it. A runner carries
the label of the cluster that it uses, also where that is one of several runs, and so is one of its pods:
workers reach Prefect's server in it, and nobody else does. The kubelet's probes come from the node, which
network policies let through (they do not bind what the node itself does to its pods). What the pods connect
to is not restricted: a flow reads and writes wherever its data is.
"""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import LABEL_ATTEMPT, LABEL_RUN, PORT_CONTROL, PORT_SCHEDULER
from daskflow.api.shared import NetworkPolicy
from daskflow.manifests.common_pod import service_labels
from daskflow.manifests.objects import Object, child_metadata
from daskflow.manifests.settings import Settings

_NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server gives each namespace, with its name."""


def network_policy(cluster: Object, spec: NetworkPolicy, base: str, settings: Settings) -> dict[str, Any]:
    """Ingress from the cluster's own pods, the operator (control listener) and the declared clients.

    Of an attempt's cluster, its other pods are clients, too: it may have made several.
    """
    members = {"matchLabels": service_labels(base)}
    ingress: list[dict[str, Any]] = [
        {"from": [{"podSelector": members}]},
        {"from": [operators_pods(settings)], "ports": [tcp(PORT_CONTROL)]},
    ]
    labels: Mapping[str, str] = cluster["metadata"].get("labels") or {}
    if LABEL_RUN in labels:
        same = {name: labels[name] for name in (LABEL_RUN, LABEL_ATTEMPT) if name in labels}
        peers = [{"podSelector": {"matchLabels": same}}]
        ingress.append({"from": peers, "ports": [tcp(PORT_SCHEDULER)]})
    if spec.clients:
        # Without the condition: a rule whose `from` is empty lets everybody in.
        peers = [peer.dump() for peer in spec.clients]
        ingress.append({"from": peers, "ports": [tcp(PORT_SCHEDULER)]})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": child_metadata(cluster, base, service_labels(base)),
        "spec": {"podSelector": members, "policyTypes": ["Ingress"], "ingress": ingress},
    }


def operators_pods(settings: Settings) -> dict[str, Any]:
    """The peer that the operator is."""
    return {
        "namespaceSelector": {"matchLabels": {_NAMESPACE_NAME: settings.operator_namespace}},
        "podSelector": {"matchLabels": dict(settings.operator_labels)},
    }


def tcp(port: int) -> dict[str, Any]:
    """A port of a rule."""
    return {"protocol": "TCP", "port": port}
