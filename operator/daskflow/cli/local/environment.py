"""What the processes of a local run are told: as in pods, by their environment."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.quantities import seconds
from daskflow.api.workers import Workers
from daskflow.cli.local.machine import Group, Machine
from daskflow.cli.local.manifest import Manifest
from daskflow.manifests.long_text import variables

END_SECONDS = 10
"""As in Kubernetes: how long a flow's process may linger after its outcome."""
LEASE_SECONDS = 20
_BEYOND_DEADLINE = 60
"""Seconds by which processes wait longer for each other than the start deadline, which is ended from here."""


def first_lease_seconds(spec: FlowRunSpec) -> int:
    """How long processes wait for each other before they give up by themselves."""
    return seconds(spec.deadlines.start) + _BEYOND_DEADLINE


def common(spec: FlowRunSpec, folder: Path, python: str, machine: Machine) -> dict[str, str]:
    """Of all of them; `folder` is what is mounted in pods."""
    theirs = {variable.name: variable.value for variable in spec.env if variable.value is not None}
    ours = {
        "DASK_CONFIG": str(folder / "dask.yaml"),
        "DASKFLOW_LEASE_SECONDS": str(LEASE_SECONDS),
        "DASKFLOW_LEASE_FIRST_SECONDS": str(first_lease_seconds(spec)),
        "DASKFLOW_LOCAL_CORES": str(machine.cores),
        # A command's `python3` is this one, too, as in an image.
        "PATH": os.pathsep.join((os.path.dirname(python), os.environ.get("PATH", os.defpath))),
    }
    if spec.flow.entrypoint:
        ours["DASKFLOW_ENTRYPOINT"] = spec.flow.entrypoint
    return {**theirs, **ours}


def runner(manifest: Manifest, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Of the runner besides."""
    spec = manifest.spec
    return {
        "DASKFLOW_RUN": manifest.name,
        "DASKFLOW_NAMESPACE": "local",
        "DASKFLOW_ATTEMPT": "1",
        # For a cluster that the flow makes (`daskflow.runtime.Cluster`).
        **variables("DASKFLOW_CLUSTER", json.dumps({"workers": _alike(spec.cluster.workers)})),
        **variables("DASKFLOW_FLOW", json.dumps({**spec.flow.dump(), "parameters": dict(parameters)})),
        "DASKFLOW_GRACE_SECONDS": str(seconds(spec.cancel_grace_period)),
        "DASKFLOW_END_SECONDS": str(END_SECONDS),
        "DASKFLOW_REPORT_TO": spec.report.to,
    }


def _alike(workers: Workers) -> dict[str, Any]:
    """What each worker is like, whatever their number."""
    names = ("threads", "args", "daskResources", "nanny")
    return {name: value for name, value in workers.written().items() if name in names}


def on_cluster(groups: Sequence[Group], address: str, control: str) -> dict[str, str]:
    """Of a runner with a cluster."""
    wish = {
        "wanted": sum(group.count for group in groups),
        "required": sum(min(group.spec.required or group.count, group.count) for group in groups),
        "patience": max(seconds(group.spec.patience) for group in groups),
    }
    return {
        "DASK_SCHEDULER_ADDRESS": address,
        "DASKFLOW_CONTROL": control,
        "DASKFLOW_WORKERS": json.dumps(wish),
    }


def single_machine(scheduler: str, threads: int) -> dict[str, str]:
    """Of a runner with one of Dask's single-machine schedulers."""
    return {"DASK_SCHEDULER": scheduler, "DASK_NUM_WORKERS": str(threads)}
