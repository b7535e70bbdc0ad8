"""The operator that is installed in a cluster, as its Deployment tells."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from daskflow.client.connection import Connection

SELECTOR = "app.kubernetes.io/name=daskflow"
"""Label of the chart's Deployment."""


class Operator(NamedTuple):
    """One Deployment of it."""

    namespace: str
    name: str
    version: str
    """The chart's app version, "" where it does not say."""
    image: str
    ready: int
    wanted: int
    watched: tuple[str, ...] = ()
    """The namespaces that it looks after; none: all."""


def operator_of(deployment: Mapping[str, Any]) -> Operator:
    """What a Deployment says."""
    metadata, spec = deployment["metadata"], deployment["spec"]
    container = spec["template"]["spec"]["containers"][0]
    variables = {each["name"]: each.get("value") or "" for each in container.get("env") or ()}
    return Operator(
        metadata["namespace"],
        metadata["name"],
        (metadata.get("labels") or {}).get("app.kubernetes.io/version", ""),
        container["image"],
        (deployment.get("status") or {}).get("readyReplicas") or 0,
        spec.get("replicas", 1),
        tuple(filter(None, variables.get("DASKFLOW_NAMESPACES", "").split(","))),
    )


async def operators(connection: "Connection") -> list[Operator]:
    """All Deployments of the operator, in all namespaces. Raises Forbidden and the errors of a connection."""
    from daskflow.client.connection import ALL

    return [operator_of(each) for each in await connection.list("Deployment", ALL, selector=SELECTOR)]
