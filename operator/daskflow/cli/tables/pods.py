"""What a pod is doing, in a word or two, as `kubectl get pods` has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from daskflow.api.names import LABEL_COMPONENT
from daskflow.cli.tables.ages import age

HEADER = ("POD", "COMPONENT", "STATE", "NODE", "AGE")


def state(pod: Mapping[str, Any]) -> str:
    """For example Running, ImagePullBackOff, Unschedulable, `Failed (OOMKilled, exit code 137)`."""
    status = pod.get("status") or {}
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for container in containers:
        at = container.get("state") or {}
        if waiting := at.get("waiting"):
            return str(waiting.get("reason") or "Waiting")
        ended = at.get("terminated") or {}
        if ended.get("exitCode"):
            return f"Failed ({ended.get('reason') or 'Error'}, exit code {ended['exitCode']})"
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] != "True":
            return str(condition.get("reason") or "Unschedulable")
    return str(status.get("phase") or "Pending")


def row(pod: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    """One pod."""
    metadata = pod["metadata"]
    component = (metadata.get("labels") or {}).get(LABEL_COMPONENT) or ""
    node = (pod.get("spec") or {}).get("nodeName") or "none yet"
    return metadata["name"], component, state(pod), node, age(pod, now)
