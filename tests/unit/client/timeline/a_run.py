"""A run of two attempts, of which the first has failed, as a kubelet and an operator tell of it."""

from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
NOW = datetime(2026, 1, 1, 12, 1, tzinfo=UTC)


def at(second: float) -> str:
    """A timestamp, so many seconds after the run was created."""
    whole, part = divmod(second, 1)
    return f"2026-01-01T12:{int(whole) // 60:02}:{int(whole) % 60:02}{f'{part:.6f}'[1:] if part else ''}Z"


def moment(second: float) -> datetime:
    """The same as a datetime."""
    return datetime.fromisoformat(at(second))


def attempt(number: int, start: float, flow: float | None, end: float | None, **more: Any) -> Object:
    times = {"startTime": start, "flowStartTime": flow, "endTime": end}
    written = {key: at(value) for key, value in times.items() if value is not None}
    return {"number": number, "cluster": f"etl-hhhhhhhh-{number}", **written, **more}


def run(*attempts: Object, **status: Any) -> Object:
    """A FlowRun called etl."""
    metadata = {"name": "etl", "namespace": "flows", "uid": "u", "creationTimestamp": at(0)}
    return {"metadata": metadata, "status": {"attempts": list(attempts), **status}}


def twice() -> Object:
    """It succeeded the second time."""
    failed = attempt(1, 1, 3.5, 8, outcome="Failed", reason="FlowFailed")
    good = attempt(2, 18, 20, 30, outcome="Succeeded", reason="Succeeded")
    return run(failed, good, phase="Succeeded", completionTime=at(30))


def pod(component: str, number: int, created: float, state: Object, *, placed: float | None = None) -> Object:
    """One of `component` runner, scheduler or worker-0."""
    labels = {"daskflow.dev/run": "etl", "daskflow.dev/attempt": str(number)}
    labels["daskflow.dev/component"] = component.partition("-")[0]
    scheduled = {"type": "PodScheduled", "status": "False" if placed is None else "True"}
    if placed is None:
        scheduled["reason"] = "Unschedulable"
    scheduled["lastTransitionTime"] = at(created if placed is None else placed)
    return {
        "metadata": {
            "name": f"etl-hhhhhhhh-{number}-{component}",
            "namespace": "team",
            "uid": f"uid-{number}-{component}",
            "labels": labels,
            "creationTimestamp": at(created),
        },
        "status": {
            "conditions": [scheduled],
            "containerStatuses": [
                {"name": "side", "state": {"running": {"startedAt": at(created)}}},
                {"name": labels["daskflow.dev/component"], "state": state},
            ],
        },
    }


def event(kind: str, name: str, reason: str, second: float, **more: Any) -> Object:
    """As the kubelet and the operator write it."""
    return {
        "type": "Normal",
        "reason": reason,
        "message": f"{reason}.",
        "firstTimestamp": at(second),
        "involvedObject": {"kind": kind, "name": name},
        "metadata": {"creationTimestamp": at(second)},
        **more,
    }
