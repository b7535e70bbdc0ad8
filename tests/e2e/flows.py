"""FlowRuns for tests, in a few words."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.kube import Kube, kubectl

CHART = Path(__file__).parents[2] / "charts" / "daskflow"
IMAGE = "docker.io/local/daskflow-flows:dev"
OTHER_IMAGE = "docker.io/local/daskflow-flows:other"
"""The same flows with another version of distributed."""
DATA_IMAGE = "docker.io/local/daskflow-flows:data"
"""With bokeh, and the packages that the SDK needs, though not the SDK."""


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


@contextmanager
def flow_role(kube: Kube) -> Iterator[None]:
    """The chart's account for flows that make clusters in the namespace, held by the chart's policy."""
    values = f"flowRole.create=true,flowRole.namespaces={{{kube.namespace}}}"
    command = ["helm", "template", f"daskflow-{kube.namespace}", str(CHART), "--set", values]
    shown = ["--show-only", "templates/flow-role.yaml"]
    done = subprocess.run([*command, *shown], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    applied = kubectl("apply", "-f", "-", text=done.stdout)
    assert applied.returncode == 0, applied.stderr
    try:
        yield
    finally:
        kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-", text=done.stdout)


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
