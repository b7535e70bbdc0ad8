"""FlowRuns for tests, in a few words."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts" / "daskflow"
IMAGE = "docker.io/local/daskflow-flows:dev"
OTHER_IMAGE = "docker.io/local/daskflow-flows:other"
"""The same flows with another version of distributed."""


def flow_run(name: str, flow: dict[str, Any] | str, **spec: Any) -> dict[str, Any]:
    """A FlowRun on one worker; a `flow` given as text is a script."""
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "FlowRun",
        "metadata": {"name": name},
        "spec": {
            "image": IMAGE,
            "flow": {"script": flow} if isinstance(flow, str) else flow,
            "cluster": {"workers": {"replicas": 1}},
            **spec,
        },
    }


def dask_cluster(name: str, **spec: Any) -> dict[str, Any]:
    """A DaskCluster of one worker."""
    return {
        "apiVersion": "daskflow.dev/v1alpha1",
        "kind": "DaskCluster",
        "metadata": {"name": name},
        "spec": {"image": IMAGE, "workers": {"replicas": 1}, **spec},
    }


def flow_role(namespace: str) -> list[dict[str, Any]]:
    """The chart's account for flows that make clusters."""
    values = f"flowRole.create=true,flowRole.namespaces={{{namespace}}}"
    command = ["helm", "template", "daskflow", str(CHART), "--show-only", "templates/flow-role.yaml"]
    done = subprocess.run([*command, "--set", values], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


QUICK = """
from distributed import Client
with Client() as client:
    result = client.submit(sum, range(10)).result()
"""

WAITING = """
import time
print("begun", flush=True)
time.sleep({seconds})
result = "done"
"""
