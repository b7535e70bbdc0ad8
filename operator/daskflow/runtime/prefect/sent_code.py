"""What a pull step brought into the runner's pod, on its way to the scheduler and to workers.

Python imports a module once, and processes of a shared cluster outlive flow runs. So where a folder comes in
another version, what was imported of the one before is forgotten, and tasks that come later import the new
one. One process cannot have two versions at a time.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from typing import Any, Callable

from ..settings import say

LIMIT = 10 * 1024 * 1024
"""Compressed bytes of code that the scheduler keeps for workers, as of the SDK's files."""
_OTHERS = ("__pycache__", "node_modules", "site-packages")


def packed(folder: str, limit: int = LIMIT) -> bytes:
    """The folder as a tar; its Python files alone if that is too large, nothing if they are."""
    for only in ("", ".py"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for root, folders, files in os.walk(folder):
                folders[:] = [
                    each
                    for each in sorted(folders)
                    if each not in _OTHERS
                    and not each.startswith(".")
                    and not os.path.exists(os.path.join(root, each, "pyvenv.cfg"))
                ]
                for name in sorted(files):
                    path = os.path.join(root, name)
                    if name.endswith(only) and os.path.isfile(path):
                        tar.add(path, os.path.relpath(path, folder), filter=_undated)
                if buffer.tell() > limit:
                    break
        if buffer.tell() <= limit:
            return buffer.getvalue()
        sent = "nothing is" if only else "its Python files are"
        say(f"{folder} is more than {limit >> 20} MiB: {sent} sent to workers")
    return b""


def _undated(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A clone has the time at which it was made."""
    member.mtime = 0
    return member


def unpacking(folder: str, beside: str, content: bytes) -> Callable[..., bool]:
    """What a process of the cluster is to call: it unpacks the folder, unless that is the image's own, and
    imports from it, and from `beside` within it.

    On the scheduler, with a client's id, it answers whether a client that is still there has sent another
    version. It is pickled by value: workers of an external cluster have no such module.
    """
    version = hashlib.sha256(content[8:]).hexdigest()  # before that is the time of packing
    mark = ".daskflow-code"

    def unpack(client: str = "", dask_scheduler: Any = None) -> bool:
        import io
        import os
        import shutil
        import sys
        import tarfile
        import tempfile

        codes = sys.__dict__.setdefault("_daskflow_code", {})
        root, before, sent = codes.get(folder, (folder, version, {}))
        old, link = root + os.sep, os.path.join(root, mark)
        outdated = os.path.islink(link) and os.readlink(link) != version
        if content and (outdated or not os.path.isdir(root)):
            shutil.rmtree(root, True)
            try:
                os.makedirs(root)
            except OSError:
                root = tempfile.mkdtemp()
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                tar.extractall(root)
            os.symlink(version, os.path.join(root, mark))
        if before != version:
            for name, module in list(sys.modules.items()):
                if str(getattr(module, "__file__", "")).startswith(old):
                    del sys.modules[name]
        sent[client] = version
        codes[folder] = root, version, sent
        for path in (beside, folder):
            path = os.path.normpath(os.path.join(root, os.path.relpath(path, folder)))
            if os.path.isdir(path) and path not in sys.path:
                sys.path.insert(0, path)
        clients = dask_scheduler.clients if dask_scheduler else ()
        return any(each in clients and sent[each] != version for each in sent)

    return unpack
