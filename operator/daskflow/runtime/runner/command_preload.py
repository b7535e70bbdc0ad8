"""Client preload in the processes of a command: workers import what the program imports from beside it.

Python puts the program's folder, or the working directory, on its own import path only.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ..prefect.engine import ENGINE, send_folder
from ..settings import text


async def dask_setup(client: Any) -> None:
    """Called by Dask when a client has connected."""
    first = _first()
    runs = os.environ.get("DASK_SCHEDULER_ADDRESS")
    if client.scheduler is None or client.scheduler.address != runs or not (first or ENGINE in os.environ):
        return
    if ENGINE in os.environ:
        await send_folder(client)
        return
    # Pickled by value: workers of an external cluster have no such module.
    from distributed.diagnostics.plugin import WorkerPlugin

    def add(folder: str, dask_scheduler: Any = None) -> None:
        import os
        import sys

        if folder not in sys.path and os.path.isdir(folder):
            sys.path.insert(0, folder)

    class ImportPath(WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: Any) -> None:
            add(first)

    await client._run_on_scheduler(add, first)
    await client._register_worker_plugin(ImportPath(), f"daskflow-import-path {first}", False)


def _first() -> str:
    """The folder in front of this program's import path, unless workers have it too."""
    first = os.path.abspath(sys.path[0] if sys.path else "")
    known = {text("FILES"), text("DIRECTORY"), *sys.path[1:]}
    return first if first not in known and os.path.isdir(first) else ""
