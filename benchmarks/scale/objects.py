"""Runs as users write them, and their objects as if somebody had made them by hand."""

from collections.abc import Sequence
from typing import Any

from daskflow.api.names import LABEL_MANAGED_BY, LABEL_RUN

Object = dict[str, Any]

IMAGE = "docker.io/local/daskflow-flows:dev"
WORKERS = 2
PODS = WORKERS + 2
"""Of a run, with its scheduler and its runner."""
LASTS = "simulated/lasts"
"""The annotation by which a simulated flow takes so long (`tests/cluster/flow_stages.yaml`)."""
_GIVEN = ("nodeName", "tolerations", "serviceAccountName", "serviceAccount", "priority", "preemptionPolicy")
"""Of pods: what the API server has put in."""


def flow_run(name: str, lasts: str, secure: bool) -> Object:
    """A scheduler, WORKERS workers and a runner whose flow takes so long (a duration as `2s`)."""
    spec: Object = {
        "image": IMAGE,
        "flow": {"entrypoint": "flows/train.py:main", "parameters": {"rows": 1000}},
        "cluster": {"workers": {"replicas": WORKERS}},
        "runner": {"template": {"metadata": {"annotations": {LASTS: lasts}}}},
    }
    if not secure:
        spec["security"] = {"tls": {"mode": "Disabled"}, "networkPolicy": {"enabled": False}}
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": name},
        "spec": spec,
    }


def by_hand(made: Sequence[Object], name: str, lasts: str) -> list[Object]:
    """The children of one run as those of another that nobody watches over; first the Service."""
    ordered = sorted(made, key=lambda body: (body["kind"] != "Service", body["kind"]))
    return [_copy(body, name, lasts) for body in ordered]


def owned(body: Object, owner: Object) -> Object:
    """The same as a child of `owner`, with which it goes."""
    meta = owner["metadata"]
    reference = {"apiVersion": "v1", "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}
    return {**body, "metadata": {**body["metadata"], "ownerReferences": [reference]}}


def _copy(body: Object, name: str, lasts: str) -> Object:
    meta = body["metadata"]
    labels = {**meta.get("labels", {}), LABEL_MANAGED_BY: "hand", LABEL_RUN: name}
    metadata: Object = {"name": f"{name}-{meta['name']}", "labels": labels}
    if annotations := meta.get("annotations"):
        timed = {LASTS: lasts} if LASTS in annotations else {}
        metadata["annotations"] = {**annotations, **timed}
    whole: Object = {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": metadata}
    if body["kind"] == "Secret":
        return {**whole, "data": body["data"]}
    spec = {key: value for key, value in body["spec"].items() if key not in _GIVEN}
    if body["kind"] == "Service":
        spec = {key: spec[key] for key in ("selector", "publishNotReadyAddresses", "ports") if key in spec}
    return {**whole, "spec": spec}
