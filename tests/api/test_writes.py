"""What an API server makes of the operator's own writes."""

from typing import Any

import pytest
from kubernetes.client.exceptions import ApiException

from tests.e2e.flows import flow_run
from tests.kube import Kube, apply

RUN: dict[str, Any] = flow_run("run", "result = 1", suspend=True)


def bare(run: dict[str, Any], status: dict[str, Any]) -> dict[str, Any]:
    """What the operator sends."""
    meta = {name: run["metadata"][name] for name in ("namespace", "name", "uid", "resourceVersion")}
    return {"apiVersion": run["apiVersion"], "kind": run["kind"], "metadata": meta, "status": status}


def test_a_status_travels_without_its_spec(kube: Kube) -> None:
    labelled = {**RUN, "metadata": {**RUN["metadata"], "labels": {"a": "b"}, "annotations": {"c": "d"}}}
    assert apply(kube, labelled).returncode == 0
    before = kube.wait("the operator to suspend it", lambda: _suspended(kube))
    status = {**before["status"], "message": "said by a test"}
    after = kube.call("PUT", kube.path("FlowRun", "run") + "/status", bare(before, status))
    assert after["status"]["message"] == "said by a test"
    assert after["spec"] == before["spec"]
    for name in ("labels", "annotations", "generation", "uid"):
        assert after["metadata"][name] == before["metadata"][name]
    assert _owned(after, "kubectl-client-side-apply") == _owned(before, "kubectl-client-side-apply")
    with pytest.raises(ApiException) as stale:
        kube.call("PUT", kube.path("FlowRun", "run") + "/status", bare(before, before["status"]))
    assert stale.value.status == 409


def _suspended(kube: Kube) -> dict[str, Any] | None:
    run = kube.get("FlowRun", "run")
    return run if run and run.get("status", {}).get("phase") == "Suspended" else None


def _owned(run: dict[str, Any], manager: str) -> list[Any]:
    return [each["fieldsV1"] for each in run["metadata"]["managedFields"] if each["manager"] == manager]
