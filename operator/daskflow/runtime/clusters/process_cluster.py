"""A cluster that a flow makes under `daskflow local`: processes of this machine."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import Any

from ..local.processes import Processes
from ..settings import document, say, text


class ProcessCluster:
    """Scheduler and workers; `start` and `stop` it once."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="cluster-", dir=text("SCRATCH") or None)
        environment = {
            "DASK_CONFIG": os.environ.get("DASK_CONFIG", ""),
            "DASKFLOW_ENTRYPOINT": text("ENTRYPOINT"),
            "DASKFLOW_FILES": text("FILES"),
            "DASKFLOW_LOCAL_CORES": text("LOCAL_CORES"),
        }
        self._processes = Processes(text("LOCAL"), self._folder, environment)

    def start(self, spec: dict[str, Any], env: dict[str, str], until: float) -> str:
        """Start scheduler and workers; their number is cut to this machine's cores."""
        given = document("CLUSTER").get("workers", {})
        workers = spec["workers"] = {**given, **spec["workers"]}
        cores = int(text("LOCAL_CORES") or os.cpu_count() or 1)
        count = min(int(workers["replicas"]), cores)
        if count < workers["replicas"]:
            of = f"{count} of {workers['replicas']} workers"
            say(f"{of} {'is' if count == 1 else 'are'} started: cores of this machine: {cores}")
            workers["replicas"] = count
        threads = min(int(workers.get("threads") or 1), max(cores // max(count, 1), 1))
        self._processes.scheduler([], **env)
        told = {
            "DASKFLOW_RESOURCES": json.dumps(workers.get("daskResources") or {}),
            "DASKFLOW_NANNY": "1" if workers.get("nanny") else "",
        }
        for number in range(count):
            args = list(workers.get("args", ()))
            self._processes.worker(f"worker-{number}", threads, 0, args, **told, **env)
        return self._processes.address

    def stop(self) -> None:
        """End them and remove what they left."""
        self._processes.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
