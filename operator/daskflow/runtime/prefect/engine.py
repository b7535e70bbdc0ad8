"""The process in which `prefect flow-run execute` runs a flow: the last of three, and the only one that we
reach by a `sitecustomize`. What a pull step brought into the runner's pod is sent to workers from there.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ..settings import say
from .sent_code import packed, unpacking

ENGINE = "PREFECT__FLOW_ENTRYPOINT"
"""In the environment of this process, and of no other."""


def prepare() -> None:
    """Called before anything of the image's is imported."""
    import warnings

    from .import_hook import ImportHook

    # `python -m prefect.engine` is told that there is such a module already.
    warnings.filterwarnings("ignore", "'prefect.engine' found in sys.modules", RuntimeWarning)
    sys.meta_path.insert(0, ImportHook(None, gently=False))


async def send_folder(client: Any) -> None:
    """Have workers, present and to come, import what is in this process' working directory and beside the
    flow's file. Called in the client's event loop; a folder of the image's they have."""
    folder = os.getcwd()
    beside = os.path.dirname(os.path.join(folder, os.environ[ENGINE].rpartition(":")[0]))
    content = packed(folder) if os.access(folder, os.W_OK) and folder.strip(os.sep) else b""
    unpack = unpacking(folder, beside, content)
    # Pickled by value: workers of an external cluster have no such module.
    from distributed.diagnostics.plugin import WorkerPlugin

    class Code(WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: Any) -> None:
            unpack()

    if await client._run_on_scheduler(unpack, client.id):
        say(f"WARNING: tasks of another flow run on this cluster import this version of {folder}, too")
    await client._register_worker_plugin(Code(), f"daskflow-prefect-code {folder}", False)
