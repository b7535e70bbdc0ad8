"""A cluster that a flow made, with the chart's Role, does not outlive its attempt."""

from collections.abc import Iterator

import pytest

from tests.e2e.flows import flow_role, flow_run
from tests.kube import Kube, kubectl, namespace

ACCOUNT = "daskflow-flow"
HOLDS = """
import time
from daskflow.runtime import Cluster
with Cluster(workers=1):
    print("holding", flush=True)
    time.sleep(300)
"""


@pytest.fixture(scope="module")
def kube(installed: None) -> Iterator[Kube]:
    """A restricted namespace with the account that the chart makes for such flows."""
    with namespace() as kube, flow_role(kube):
        yield kube


@pytest.mark.parametrize(
    ("verb", "resource", "allowed"),
    [
        ("create", "daskclusters", True),
        ("get", "daskclusters", True),
        ("delete", "daskclusters", True),
        ("list", "daskclusters", False),
        ("update", "daskclusters", False),
        ("get", "secrets", False),
        ("create", "secrets", False),
        ("create", "pods", False),
        ("get", "flowruns", False),
    ],
)
def test_right_of_the_flows_account(kube: Kube, verb: str, resource: str, allowed: bool) -> None:
    account = f"system:serviceaccount:{kube.namespace}:{ACCOUNT}"
    answer = kubectl("auth", "can-i", verb, resource, "--as", account, "-n", kube.namespace)
    assert answer.stdout.strip() == ("yes" if allowed else "no"), answer.stderr


def test_a_cluster_goes_with_the_pod_that_made_it(kube: Kube) -> None:
    account = {
        "serviceAccountName": ACCOUNT,
        "runner": {"template": {"spec": {"automountServiceAccountToken": True}}},
    }
    kube.create(flow_run("holds", HOLDS, cluster={"workers": {"replicas": 0}}, **account))

    def runner() -> str:
        attempts = kube.run_status("holds").get("attempts") or [{}]
        return str((attempts[-1].get("runner") or {}).get("pod", ""))

    kube.wait("the run to have a runner", runner)
    pod = runner()
    kube.wait("its flow to hold a cluster", lambda: "holding" in kube.logs_if_any(pod))
    (made,) = kube.items("DaskCluster", "daskflow.dev/run=holds")
    assert made["status"]["phase"] == "Ready"
    kube.delete("Pod", pod, grace=0)
    assert kube.ended("holds")["phase"] == "Failed"
    kube.wait("its cluster to go", lambda: not kube.items("DaskCluster"), 20)
    kube.wait("its pods to go", lambda: not kube.items("Pod", "daskflow.dev/run=holds"), 60)
