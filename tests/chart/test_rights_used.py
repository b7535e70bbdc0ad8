"""The operator uses every right that the chart gives it, and lacks none: the API server's own log says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from daskflow.client.connection import Connection
from daskflow.client.sync import submit

from benchmarks import audit
from tests.e2e.flows import WAITING, flow_run
from tests.e2e.operator import Operator
from tests.e2e.test_instant import cluster_pool, from_pool, waiting
from tests.kube import Kube, kubectl

OPERATOR = "system:serviceaccount:daskflow-system:daskflow"
RIGHTS = Path("charts/daskflow/files/rights.yaml")
OTHERS = Path("charts/daskflow/files/dask-kubernetes-rights.yaml")
"""Of an installation that serves dask-kubernetes' kinds as well."""
LEFT_OUT = {"leases"}
"""The local cluster's log has none of them: they are renewed all the time."""
OURS = "app.kubernetes.io/managed-by"


def granted(rights: Path = RIGHTS) -> set[tuple[str, str]]:
    """Each verb with its resource, wherever it holds."""
    return {
        (verb, resource)
        for rules in yaml.safe_load(rights.read_text()).values()
        for rule in rules
        for resource in rule["resources"]
        for verb in rule["verbs"]
        if resource not in LEFT_OUT
    }


@pytest.fixture
def operator(installed: None) -> Iterator[Operator]:
    operator = Operator()
    yield operator
    operator.start()


def load(kube: Kube) -> None:
    """A run that is resized, disturbed and cancelled, and a schedule that replaces and removes its runs."""
    template = {
        "spec": flow_run("x", WAITING.format(seconds=300), cluster={"workers": {"replicas": 0}})["spec"]
    }
    schedule: dict[str, Any] = {"interval": "10s", "concurrencyPolicy": "Replace", "template": template}
    kube.create(
        {
            "apiVersion": "daskflow.dev/v1alpha1",
            "kind": "FlowSchedule",
            "metadata": {"name": "ticks"},
            "spec": {**schedule, "history": {"succeeded": 0, "failed": 0}},
        }
    )
    kept = {"pods": {"onFailure": "0s"}, "runner": {"onFailure": "0s"}}
    kube.create(flow_run("run", WAITING.format(seconds=300), retention=kept))
    kube.wait("the flow to begin", lambda: "begun" in kube.runner_log("run"))
    kube.patch("FlowRun", "run", {"spec": {"cluster": {"workers": {"replicas": 2}}}})
    kube.wait("another worker", lambda: kube.run_status("run")["cluster"]["workersReady"] == 2)
    (made,) = kube.items("DaskCluster", "daskflow.dev/run=run")
    name = made["metadata"]["name"]
    for kind in ("Service", "NetworkPolicy", "Pod"):
        child = next(item for item in kube.items(kind, OURS) if item["metadata"]["name"].startswith(name))
        kube.patch(kind, child["metadata"]["name"], {"metadata": {"labels": {OURS: None}}})
        kube.wait(
            f"the label of the {kind} again",
            lambda kind=kind, child=child: (
                OURS in (kube.get(kind, child["metadata"]["name"]) or child)["metadata"]["labels"]
            ),
        )
    first = kube.wait("a run of the schedule", lambda: kube.items("FlowRun", "daskflow.dev/schedule=ticks"))[
        0
    ]
    kube.wait("it to be replaced", lambda: kube.get("FlowRun", first["metadata"]["name"]) is None, 60)
    kube.patch("FlowRun", "run", {"spec": {"cancel": True}})
    kube.ended("run")
    kube.wait("its pods to go", lambda: not kube.items("Pod", "daskflow.dev/run=run"), 60)


def claim(kube: Kube, folder: Path) -> None:
    """A run that claims a cluster, with code that is sent along; a quota had refused that cluster."""
    spec = {"hard": {"count/daskclusters.daskflow.dev": "0"}}
    kube.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": spec})
    kube.wait("the quota", lambda: (kube.get("ResourceQuota", "none") or {}).get("status", {}).get("used"))
    kube.create(cluster_pool("small"))
    kube.wait("a refusal", lambda: kube.status("ClusterPool", "small").get("reason") == "QuotaExceeded")
    kube.delete("ResourceQuota", "none")
    waiting(kube)
    (folder / "sent.py").write_text("def flow():\n    return 1\n")
    connection = Connection(namespace=kube.namespace)
    made = from_pool("claims", {"entrypoint": "sent.py:flow"})
    assert submit(made, code=folder, connection=connection).result(60) == 1


def test_every_right_is_used_and_none_is_missing(kube: Kube, operator: Operator, tmp_path: Path) -> None:
    log = audit.log_file()
    if not log.exists():
        pytest.skip(f"this cluster has no audit log at {log}: only the local one does")
    begun = audit.end(log)
    operator.kill()
    operator.start()
    load(kube)
    claim(kube, tmp_path)
    audit.settle(kube, log, begun)
    used, denied = audit.calls(log, begun, OPERATOR)
    assert denied == set()
    ours = {call for call in used if call[1] not in LEFT_OUT} - (granted(OTHERS) - granted())
    assert ours == granted()
    assert kubectl("auth", "can-i", "create", "events.events.k8s.io", "--as", OPERATOR).stdout.strip() == "no"
