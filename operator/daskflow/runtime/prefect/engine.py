"""The process in which `prefect flow-run execute` runs a flow: the last of three, and the only one that we
reach by a `sitecustomize`. What a pull step brought into the runner's pod is sent to workers from there.
"""

from __future__ import annotations

import io
import os
import sys
import tarfile
from typing import Any

from ..settings import say

ENGINE = "PREFECT__FLOW_ENTRYPOINT"
"""In the environment of this process, and of no other."""
LIMIT = 10 * 1024 * 1024
"""Compressed bytes of code that the scheduler keeps for workers, as of the SDK's files."""
_OTHERS = ("__pycache__", "node_modules", "site-packages")


def prepare() -> None:
    """Called before anything of the image's is imported."""
    import warnings

    from .import_hook import ImportHook

    # `python -m prefect.engine` is told that there is such a module already.
    warnings.filterwarnings("ignore", "'prefect.engine' found in sys.modules", RuntimeWarning)
    sys.meta_path.insert(0, ImportHook(None, gently=False))


def packed(folder: str, limit: int = LIMIT) -> bytes:
    """The folder as a tar; its Python files alone if that is too large, nothing if they are."""
    for only in ("", ".py"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for root, folders, files in os.walk(folder):
                folders[:] = [
                    each
                    for each in folders
                    if each not in _OTHERS
                    and not each.startswith(".")
                    and not os.path.exists(os.path.join(root, each, "pyvenv.cfg"))
                ]
                for name in files:
                    path = os.path.join(root, name)
                    if name.endswith(only) and os.path.isfile(path):
                        tar.add(path, os.path.relpath(path, folder))
                if buffer.tell() > limit:
                    break
        if buffer.tell() <= limit:
            return buffer.getvalue()
        sent = "nothing is" if only else "its Python files are"
        say(f"{folder} is more than {limit >> 20} MiB: {sent} sent to workers")
    return b""


async def send_folder(client: Any) -> None:
    """Have workers, present and to come, import what is in this process' working directory and beside the
    flow's file. Called in the client's event loop; a folder of the image's they have."""
    folder = os.getcwd()
    beside = os.path.dirname(os.path.join(folder, os.environ[ENGINE].rpartition(":")[0]))
    content = packed(folder) if os.access(folder, os.W_OK) and folder.strip(os.sep) else b""
    # Pickled by value: workers of an external cluster have no such module.
    from distributed.diagnostics.plugin import WorkerPlugin

    def unpack(dask_scheduler: Any = None) -> None:
        import io
        import os
        import sys
        import tarfile
        import tempfile

        root = folder
        if content and not os.path.isdir(root):
            try:
                os.makedirs(root)
            except OSError:
                root = tempfile.mkdtemp()
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                tar.extractall(root)
        for path in (beside, folder):
            path = os.path.normpath(os.path.join(root, os.path.relpath(path, folder)))
            if os.path.isdir(path) and path not in sys.path:
                sys.path.insert(0, path)

    class Code(WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: Any) -> None:
            unpack()

    await client._run_on_scheduler(unpack)
    await client._register_worker_plugin(Code(), f"daskflow-prefect-code {folder}", False)
