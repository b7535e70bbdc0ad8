"""What a pull step brought into the runner's pod, on its way to the scheduler and to workers.

Python imports a module once, and processes of a shared cluster outlive flow runs. So each version of a folder
has a place of its own there, and what was imported of the version before is forgotten: tasks that come later
import the new one. One process cannot have two versions at a time.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from typing import Any, Callable

from ..settings import say

LIMIT = 10 * 1024 * 1024
"""Compressed bytes of code that the scheduler keeps for workers, as of the SDK's files."""
_OTHERS = ("__pycache__", "node_modules", "site-packages")


def packed(folder: str, limit: int = LIMIT) -> bytes:
    """The folder as a tar, the same for the same files; its Python files alone if that is too large, nothing
    if they are."""
    for only in ("", ".py"):
        buffer = io.BytesIO()
        zipped = gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0)
        with zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
            for path in _files(folder):
                if path.endswith(only) and buffer.tell() <= limit:
                    tar.add(path, os.path.relpath(path, folder), filter=_undated)
        if buffer.tell() <= limit:
            return buffer.getvalue()
        sent = "nothing is" if only else "its Python files are"
        say(f"{folder} is more than {limit >> 20} MiB: {sent} sent to workers")
    return b""


def _files(folder: str) -> Iterator[str]:
    """Those of a project, without what is installed or kept beside it."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(
            each
            for each in folders
            if each not in _OTHERS
            and not each.startswith(".")
            and not os.path.exists(os.path.join(root, each, "pyvenv.cfg"))
        )
        yield from filter(os.path.isfile, (os.path.join(root, name) for name in sorted(files)))


def _undated(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A clone has the time at which it was made."""
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def unpacking(folder: str, beside: str, content: bytes) -> Callable[..., bool]:
    """What a process of the cluster is to call: it unpacks the folder, unless that is the image's own, and
    imports from it, and from `beside` within it.

    On the scheduler, with a client's id, it answers whether a client that is still there has sent another
    version. It is pickled by value: workers of an external cluster have no such module.
    """
    digest = hashlib.sha256(folder.encode() + content).hexdigest()[:16]
    mark = ".daskflow-code"

    def unpack(client: str = "", dask_scheduler: Any = None) -> bool:
        import importlib
        import io
        import os
        import sys
        import tarfile
        import tempfile

        def version(place: str) -> str:
            try:
                with open(os.path.join(place, mark), encoding="ascii") as file:
                    return file.read()
            except OSError:
                return ""

        def put(place: str) -> str:
            if version(place) == digest:
                return place
            os.makedirs(os.path.dirname(place), exist_ok=True)
            made = tempfile.mkdtemp(prefix=".daskflow-", dir=os.path.dirname(place))
            os.chmod(made, 0o755)
            with tarfile.open(fileobj=io.BytesIO(content)) as tar:
                tar.extractall(made)
            with open(os.path.join(made, mark), "w", encoding="ascii") as file:
                file.write(digest)
            try:
                os.rename(made, place)
            except OSError:
                return place if version(place) == digest else made  # another process was faster
            return place

        def forget(before: str) -> None:
            def within(place: Any) -> bool:
                return str(place) == before or str(place).startswith(before + os.sep)

            for name, module in list(sys.modules.items()):
                places = [getattr(module, "__file__", None), *(getattr(module, "__path__", None) or ())]
                if any(map(within, places)):
                    sys.modules.pop(name, None)
            sys.path[:] = [each for each in sys.path if not within(each)]
            importlib.invalidate_caches()
            loaded = getattr(sys.modules.get("distributed.worker"), "cache_loads", None)
            if loaded is not None:  # older Dask keeps functions by their pickle, which names a module
                loaded.data.clear()

        def other_versions(clients: Any) -> bool:
            users = sys.__dict__.setdefault("_daskflow_code_users", {}).setdefault(folder, {})
            for each in [each for each in users if each not in clients]:
                del users[each]
            users[client] = digest
            return any(each != digest for each in users.values())

        root = folder
        if content and (not os.path.isdir(folder) or version(folder)):
            own = os.path.join(tempfile.gettempdir(), f"daskflow-code-{digest}")
            try:
                root = put(own if version(folder) not in ("", digest) else folder)
            except OSError:
                root = put(own)
        roots = sys.__dict__.setdefault("_daskflow_code", {})
        before, roots[folder] = roots.get(folder, root), root
        if before != root:
            forget(before)
        for path in (beside, folder):
            path = os.path.normpath(os.path.join(root, os.path.relpath(path, folder)))
            if os.path.isdir(path) and path not in sys.path:
                sys.path.insert(0, path)
        return dask_scheduler is not None and other_versions(dask_scheduler.clients)

    return unpack
