"""The smallest life that needs all of the controller: a parent with a Service, a Secret and N pods.

For tests of the controller itself, where a real planner's cleverness would hide what is being tested.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.names import API_VERSION, LABEL_MANAGED_BY, MANAGED_BY
from daskflow.plan.model import Delete, Event, Key, Object, Observed, Plan


def parent(name: str, pods: int = 3, namespace: str = "default") -> dict[str, Any]:
    """A FlowRun as a user would write it, as far as the toy cares."""
    return {
        "apiVersion": API_VERSION,
        "kind": "FlowRun",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"pods": pods},
    }


def child(owner: Object, kind: str, name: str) -> dict[str, Any]:
    """A child with a controller reference and our label."""
    meta = owner["metadata"]
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": {LABEL_MANAGED_BY: MANAGED_BY},
            "ownerReferences": [
                {
                    "apiVersion": owner["apiVersion"],
                    "kind": owner["kind"],
                    "name": meta["name"],
                    "uid": meta["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": {},
    }


def plan(resource: Object, seen: Observed, now: datetime) -> Plan:
    """Open in status; Service and Secret; then, with its address, all pods at once; done; clean up."""
    status: Mapping[str, Any] = resource.get("status") or {}
    phase = status.get("phase", "")
    if phase == "Done":
        return Plan(deletes=tuple(_delete(each) for each in seen.children if not _deleting(each)))
    if not phase:
        event = Event("Normal", "Opened", "The toy begins.")
        return Plan(status={"phase": "Open"}, events=(event,)) + _missing(resource, seen)
    pods = [each for each in seen.children if each["kind"] == "Pod"]
    over = sum(each["status"]["phase"] in ("Succeeded", "Failed") for each in pods)
    if over == resource["spec"]["pods"]:
        return Plan(status={"phase": "Done"}, events=(Event("Normal", "Done", "The toy is done."),))
    return _missing(resource, seen).but(requeue_at=now + timedelta(minutes=10))


def _missing(resource: Object, seen: Observed) -> Plan:
    name, namespace = resource["metadata"]["name"], resource["metadata"]["namespace"]
    wanted = [child(resource, "Service", name), child(resource, "Secret", name)]
    if any(each["kind"] == "Service" and each["spec"].get("clusterIP") for each in seen.children):
        wanted += [child(resource, "Pod", f"{name}-{n}") for n in range(resource["spec"]["pods"])]
    have = {(each["kind"], each["metadata"]["name"]) for each in seen.children}
    have |= {(key.kind, key.name) for key in seen.created}
    have |= {(refusal.key.kind, refusal.key.name) for refusal in seen.refusals if not refusal.retry}
    have |= {(taken.key.kind, taken.key.name) for taken in seen.occupied}
    assert all(each["metadata"]["namespace"] == namespace for each in wanted)
    return Plan(
        creates=tuple(each for each in wanted if (each["kind"], each["metadata"]["name"]) not in have)
    )


def _delete(body: Object) -> Delete:
    meta = body["metadata"]
    return Delete(Key(body["kind"], meta["namespace"], meta["name"]), meta["uid"])


def _deleting(body: Object) -> bool:
    return "deletionTimestamp" in body["metadata"]
