"""A pod of a user's own, fit for a namespace that enforces `restricted`."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.flows import IMAGE


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
