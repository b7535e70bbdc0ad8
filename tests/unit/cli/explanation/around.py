"""Pods and Events as the API server has them, for explanations."""

from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
META = {"name": "etl", "namespace": "flows", "uid": "u", "creationTimestamp": "2026-01-01T11:55:00Z"}


def pod(name: str, *, spec: Object | None = None, **status: Any) -> Object:
    """One of the attempt whose cluster is etl-1."""
    component = "worker" if "worker" in name else name.rpartition("-")[2]
    labels = {"daskflow.dev/run": "etl", "daskflow.dev/component": component}
    return {"metadata": {**META, "name": name, "labels": labels}, "spec": spec or {}, "status": status}


def waiting(name: str, reason: str, message: str, image: str = "etl:1", **spec: Any) -> Object:
    state = {"waiting": {"reason": reason, "message": message}}
    return pod(name, spec=spec, containerStatuses=[{"name": "main", "image": image, "state": state}])


def unschedulable(name: str, message: str, **requests: str) -> Object:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return pod(name, spec={"containers": [{"resources": {"requests": requests}}]}, conditions=[condition])


def warning(name: str, reason: str, message: str, kind: str = "Pod", **more: Any) -> Object:
    return {
        "type": "Warning",
        "reason": reason,
        "message": message,
        "lastTimestamp": "2026-01-01T11:59:00Z",
        "involvedObject": {"kind": kind, "name": name},
        "metadata": {},
        **more,
    }
