"""What NetworkPolicies mean, for ingress over TCP: enough of their semantics to ask who reaches whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Host:
    """A pod as policies see it. The label that the API server gives each namespace is added."""

    namespace: str
    labels: Mapping[str, str]
    namespace_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def of_namespace(self) -> Mapping[str, str]:
        """All labels of its namespace."""
        return {"kubernetes.io/metadata.name": self.namespace, **self.namespace_labels}


def reaches(policies: Sequence[Mapping[str, Any]], source: Host, target: Host, port: int) -> bool:
    """Whether `source` may open a TCP connection to this port of `target`.

    A pod that no policy selects takes everybody; one that is selected takes what any rule of any of those
    policies lets in.
    """
    selecting = [
        policy
        for policy in policies
        if policy["metadata"]["namespace"] == target.namespace
        and "Ingress" in policy["spec"].get("policyTypes", ["Ingress"])
        and selects(policy["spec"]["podSelector"], target.labels)
    ]
    if not selecting:
        return True
    return any(
        _port(rule, port) and _from(rule, policy["metadata"]["namespace"], source)
        for policy in selecting
        for rule in policy["spec"].get("ingress") or ()
    )


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """A label selector: all of its requirements hold; the empty one selects everything."""
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        _holds(requirement, labels) for requirement in selector.get("matchExpressions") or ()
    )


def _holds(requirement: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    name, values = requirement["key"], requirement.get("values") or ()
    match requirement["operator"]:
        case "In":
            return labels.get(name) in values
        case "NotIn":
            return labels.get(name) not in values
        case "Exists":
            return name in labels
        case "DoesNotExist":
            return name not in labels
    raise ValueError(requirement["operator"])


def _port(rule: Mapping[str, Any], port: int) -> bool:
    """No ports, or an empty list of them, are all."""
    ports = rule.get("ports") or ()
    return not ports or any(
        each.get("protocol", "TCP") == "TCP" and each.get("port", port) == port for each in ports
    )


def _from(rule: Mapping[str, Any], namespace: str, source: Host) -> bool:
    """No peers, or an empty list of them, are all. Both selectors of one peer must hold."""
    peers = rule.get("from") or ()
    return not peers or any(_is(peer, namespace, source) for peer in peers)


def _is(peer: Mapping[str, Any], namespace: str, source: Host) -> bool:
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], source.of_namespace):
            return False
    elif source.namespace != namespace:
        return False
    return selects(peer.get("podSelector", {}), source.labels)
