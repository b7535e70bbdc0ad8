"""A cluster that a flow makes, in Kubernetes: a DaskCluster that the FlowRun owns and does not control."""

from __future__ import annotations

import os
import secrets
import time
from typing import Any

from ..settings import document, mounted, say, text
from .kubernetes_api import Kubernetes, Refused

POLL_SECONDS = 0.3
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class DaskCluster:
    """One object; `start` and `stop` it once."""

    def __init__(self) -> None:
        if not text("RUN_UID") or not text("SECRET"):
            raise RuntimeError(
                "daskflow.runtime.Cluster works in the runner of a FlowRun, where the flow's own"
                " process runs, and under `daskflow local`; tasks cannot make clusters."
            )
        self._kubernetes = Kubernetes()
        base = text("POD").rsplit("-", 1)[0]
        self._name = f"{base}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"
        self._uid = ""
        self._asked = False

    def start(self, spec: dict[str, Any], env: dict[str, str], until: float) -> str:
        """Make it, and wait until it is ready: its address."""
        self._asked = True
        say(f"making DaskCluster {self._name}")
        try:
            made = self._kubernetes.create(self._manifest(spec, env))
            self._uid = made["metadata"]["uid"]
            return self._ready(made, until)
        except Refused as error:
            raise RuntimeError(f"DaskCluster {self._name} is refused: {error}") from error

    def _ready(self, seen: dict[str, Any], until: float) -> str:
        while True:
            status = seen.get("status") or {}
            if status.get("phase") == "Ready":
                return str(status["address"])
            said = (
                f"{status.get('reason') or status.get('phase') or 'Pending'}: {status.get('message') or ''}"
            )
            if status.get("phase") in ("Failed", "Stopped"):
                raise RuntimeError(f"DaskCluster {self._name} cannot be had: {said}")
            if time.monotonic() > until:
                raise RuntimeError(f"DaskCluster {self._name} is not ready in time: {said}")
            time.sleep(POLL_SECONDS)
            seen = self._kubernetes.get(self._name)

    def _manifest(self, spec: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
        """With an owner that does not control it: the attempt's own cluster is another one."""
        owner = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "name": text("RUN")}
        labels = {"daskflow.dev/run": text("RUN"), "daskflow.dev/attempt": text("ATTEMPT")}
        whole = merged(document("CLUSTER"), spec)
        variables = {each["name"]: each for each in whole.get("env", [])}
        variables.update({name: {"name": name, "value": value} for name, value in env.items()})
        whole["env"] = list(variables.values())
        whole["security"] = _security(whole.get("security") or {})
        return {
            "apiVersion": owner["apiVersion"],
            "kind": "DaskCluster",
            "metadata": {
                "name": self._name,
                "labels": labels,
                "ownerReferences": [{**owner, "uid": text("RUN_UID")}],
            },
            "spec": whole,
        }

    def stop(self) -> None:
        """Delete it. Should that fail, the operator does it when the attempt has ended."""
        if not self._asked:
            return
        try:
            uid = self._uid or self._kubernetes.get(self._name)["metadata"]["uid"]
            self._kubernetes.delete(self._name, uid)
        except Exception as error:
            say(f"DaskCluster {self._name} could not be deleted, it goes with this attempt: {error}")


def _security(theirs: dict[str, Any]) -> dict[str, Any]:
    """The run's, with the certificates that this pod has, so that nobody need read Secrets."""
    tls = theirs.get("tls") or {}
    if tls.get("mode") == "Disabled":
        return theirs
    if not os.path.exists(mounted("ca.crt")):
        raise RuntimeError(
            "This pod has no certificates for another cluster, as its scheduler has none;"
            " set spec.security.tls.mode: Disabled if plain TCP will do."
        )
    return {**theirs, "tls": {"mode": "Secret", "secretName": text("CERTIFICATES") or text("SECRET")}}


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both as one, objects within merged; `above` wins."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result
