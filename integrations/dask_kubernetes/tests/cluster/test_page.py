"""The page on KubeCluster does what it says: on a laptop, and in a pod with the rights that it names."""

import json
import os
import re
import subprocess
import sys

import yaml

from integrations import ROOT
from integrations.dask_kubernetes.tests.cluster.conftest import CURRENT
from integrations.kubectl import Namespace, until

PAGE = (ROOT / "docs" / "kubecluster.md").read_text()
PUBLISHED = "ghcr.io/dask/dask:2026.8.0"
"""The image on the page, for which a cluster of tests has one of its own."""
NOTEBOOK = "docker.io/library/dask-kubernetes:notebook"


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    return str(found)


def example() -> str:
    assert PUBLISHED in block("python")
    return block("python").replace(PUBLISHED, CURRENT)


def check(printed: str) -> None:
    """What the example says after the client's own tables, which end without a new line."""
    lines = [line.rpartition("╯")[2].strip() for line in printed.splitlines()]
    assert "6" in lines
    assert any(line.startswith("http://") and line.endswith("/status") for line in lines)
    (pods,) = [json.loads(line.replace("'", '"')) for line in lines if line.startswith("['lab-")]
    assert "lab-scheduler" in pods
    assert any(name.startswith("lab-big-worker-") for name in pods)


def test_on_a_laptop(home: Namespace) -> None:
    told = {"DASK_KUBERNETES__NAMESPACE": home.name, "DASK_KUBERNETES__PORT_FORWARD_CLUSTER_IP": "true"}
    done = subprocess.run(
        [sys.executable, "-c", example()], env={**os.environ, **told}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    check(done.stdout)
    assert not home.items("daskclusters.kubernetes.dask.org")


def test_in_a_pod_with_these_rights_and_no_others(home: Namespace) -> None:
    role = yaml.safe_load(block("yaml"))
    home.apply(role)
    account = {"kind": "ServiceAccount", "name": "default", "namespace": home.name}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "notebook"},
    }
    home.apply({**binding, "subjects": [account], "roleRef": reference})
    own_namespace = {"fieldRef": {"fieldPath": "metadata.namespace"}}
    container = {
        "name": "notebook",
        "image": NOTEBOOK,
        "args": ["python", "-c", example()],
        "env": [{"name": "DASK_KUBERNETES__NAMESPACE", "valueFrom": own_namespace}],
    }
    spec = {"restartPolicy": "Never", "containers": [container]}
    home.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "notebook"}, "spec": spec})

    def ended() -> str:
        phase = ((home.get("pod", "notebook") or {}).get("status") or {}).get("phase", "")
        return phase if phase in ("Succeeded", "Failed") else ""

    phase = until("the notebook to end", ended, 150)
    printed = home.kubectl("logs", "notebook")
    assert phase == "Succeeded", printed
    check(printed)
