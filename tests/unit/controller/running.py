"""A FlowRun that runs, as the store knows it: run, cluster and scheduler."""

from datetime import UTC, datetime
from typing import Any

from daskflow.api.conditions import timestamp
from daskflow.api.names import API_VERSION
from daskflow.plan.model import Key

RUN = Key("FlowRun", "data", "etl")
RUN_UID = "run-1"
CLUSTER_UID = "cluster-1"
SCHEDULER_UID = "scheduler-1"
CREATED = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def body(kind: str, name: str, uid: str, owner: tuple[str, str, str] | None, **more: Any) -> dict[str, Any]:
    """An object, controlled by (kind, name, uid)."""
    metadata: dict[str, Any] = {"name": name, "namespace": "data", "uid": uid, "resourceVersion": "1"}
    if owner is not None:
        reference = dict(zip(("kind", "name", "uid"), owner, strict=True))
        metadata["ownerReferences"] = [{**reference, "apiVersion": API_VERSION, "controller": True}]
    metadata |= more.pop("metadata", {})
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, **more}


def running(
    number: int = 1,
    *,
    created: datetime = CREATED,
    phase: str = "Running",
    spec: Any = None,
    ip: str = "10.0.0.7",
) -> list[dict[str, Any]]:
    """Run, cluster and scheduler. The first is `etl`, further ones have names and uids of their own."""
    name = "etl" if number == 1 else f"etl-{number}"
    run = body("FlowRun", name, f"run-{number}", None, spec={}, status={"phase": phase})
    run["status"]["cluster"] = {"name": f"{name}-x-1"}
    cluster = body(
        "DaskCluster",
        f"{name}-x-1",
        f"cluster-{number}",
        ("FlowRun", name, f"run-{number}"),
        spec=spec or {},
        status={"scheduler": {"pod": "s", "uid": f"scheduler-{number}"}},
        metadata={"creationTimestamp": timestamp(created)},
    )
    pod = body(
        "Pod",
        f"{name}-x-1-scheduler",
        f"scheduler-{number}",
        ("DaskCluster", f"{name}-x-1", f"cluster-{number}"),
        metadata={"labels": {"daskflow.dev/component": "scheduler"}},
        status={
            "phase": "Running",
            "podIP": ip,
            "containerStatuses": [{"name": "scheduler", "started": True, "state": {"running": {}}}],
        },
    )
    return [run, cluster, pod]
