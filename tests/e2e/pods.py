"""A pod of a user's own, fit for a namespace that enforces `restricted`."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.flows import IMAGE

_KILL = """
import os, pathlib, signal
for place in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if {variable!r} in (place / "environ").read_bytes().split(bytes(1)):
            os.kill(int(place.name), signal.SIGKILL)
            print(place.name)
    except OSError:
        continue
"""


def python_pod(
    name: str,
    code: str,
    secrets: Mapping[str, str],
    env: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A pod that runs Python text; `secrets` are mounted by path."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": dict(labels or {})},
        "spec": {
            "restartPolicy": "Never",
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": name,
                    "image": IMAGE,
                    "command": ["python3", "-c", code],
                    "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    "volumeMounts": [
                        {"name": f"secret-{place}", "mountPath": path} for place, path in enumerate(secrets)
                    ],
                }
            ],
            "volumes": [
                {"name": f"secret-{place}", "secret": {"secretName": secret}}
                for place, secret in enumerate(secrets.values())
            ],
        },
    }


def killer(victim: str) -> dict[str, Any]:
    """A privileged pod that kills all processes of another one on the same node, as the kernel would.

    From inside, process 1 cannot be killed: no signal of its own pod reaches it that it does not handle.
    """
    pod = python_pod("killer", _KILL.format(variable=f"DASKFLOW_POD={victim}".encode()), {})
    pod["spec"] |= {"hostPID": True, "securityContext": {"runAsUser": 0}}
    pod["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    return pod
