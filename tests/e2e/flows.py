"""FlowRuns for tests, in a few words."""

from typing import Any

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
