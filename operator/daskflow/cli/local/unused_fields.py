"""What of a manifest has no meaning on one machine: a line for each such field that it uses."""

from collections.abc import Iterator, Mapping
from typing import Any

_WORKERS = (
    *("replicas", "autoscale", "total", "required", "patience", "threads", "daskResources", "nanny", "args"),
    *(f"resources.{part}.{name}" for part in ("requests", "limits") for name in ("cpu", "memory")),
)
_USED = {
    "flow",
    "env",
    "deadlines",
    "cancelGracePeriod",
    "report",
    "cluster.scheduler.args",
    "cluster.config",
    "cluster.dashboard",
    *(f"cluster.workers.{name}" for name in _WORKERS),
    *(f"cluster.workerGroups.{name}" for name in (*_WORKERS, "name")),
}
"""Fields that count here as they do in Kubernetes."""

NO_IMAGE = "here"
"""In place of an image that nobody has given, and need not give here."""

_WHY = {
    "image": "the flow runs with {python} in {directory}",
    "retries": "a flow that fails here is not tried again",
    "retention": "nothing stays here",
    "suspend": "the flow runs at once",
    "cancel": "the flow runs; Ctrl-C cancels it",
    "clusterRef": "the flow gets workers of this machine",
    "schedulerAddress": "the flow gets workers of this machine",
    "schedulerTLS": "the flow gets workers of this machine",
    "security": "connections are plain TCP on 127.0.0.1",
    "runner.forwardLogs": "--logs shows what workers print",
    "envFrom": "set its variables in this shell",
    "serviceAccountName": "the flow has the rights of the user who runs it",
}


def notes(written: Mapping[str, Any], **words: str) -> list[str]:
    """The lines, in the manifest's order; `words` are what they may name: python, directory."""
    lines = [_line(path, **words) for path in dict.fromkeys(_unused(written, ""))]
    for variable in written.get("env") or ():
        if "valueFrom" in variable:
            name = variable["name"]
            lines.append(f"spec.env {name}.valueFrom has no meaning here: set {name} in this shell")
    return lines


def _line(path: str, **words: str) -> str:
    why = _WHY.get(path)
    return f"spec.{path} has no meaning here" + (f": {why.format(**words)}" if why else "")


def _unused(value: Any, path: str) -> Iterator[str]:
    if path in _USED or (path, value) == ("image", NO_IMAGE):
        return
    partly = not path or any(used.startswith(f"{path}.") for used in (*_USED, *_WHY))
    if not partly:
        yield path
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _unused(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from _unused(item, path)
