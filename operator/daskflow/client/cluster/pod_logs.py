"""What the pods of a cluster have printed, those that have ended included."""

from typing import NamedTuple

from daskflow.api.names import LABEL_CLUSTER, LABEL_COMPONENT, SCHEDULER, WORKER
from daskflow.client.connection import Connection
from daskflow.client.errors import NotFound, Refused

MOST_LINES = 10_000
"""Of each pod; Dask itself keeps as many."""


class PodLog(NamedTuple):
    """The last lines of one pod."""

    component: str
    """scheduler or worker."""
    pod: str
    text: str


async def pod_logs(
    connection: Connection, selector: str, namespace: str, components: tuple[str, ...]
) -> list[PodLog]:
    """Of all pods of a cluster that are still there, the scheduler's first; `selector` is its pods'."""
    logs: list[PodLog] = []
    for component in (each for each in (SCHEDULER, WORKER) if each in components):
        labels = f"{selector},{LABEL_COMPONENT}={component}"
        pods = await connection.list("Pod", namespace, selector=labels)
        for name in sorted(str(pod["metadata"]["name"]) for pod in pods):
            logs.append(PodLog(component, name, await _text(connection, name, component, namespace)))
    return logs


def selector_of(default_group: str) -> str:
    """That of all pods of a cluster, from `status.selector`, which is its default group's."""
    labels = dict(label.split("=", 1) for label in default_group.split(",") if "=" in label)
    return f"{LABEL_CLUSTER}={labels.get(LABEL_CLUSTER, '')}"


async def _text(connection: Connection, pod: str, container: str, namespace: str) -> str:
    query = {"container": container, "tailLines": MOST_LINES}
    try:
        async with connection.open("GET", "Pod", pod, namespace, below="log", query=query) as answer:
            return (await answer.aread()).decode(errors="replace")
    except (NotFound, Refused):
        return ""  # it has not started yet, or has just gone
