"""Where a flow's code is: among its mounted files, or in the image's working directory."""

from __future__ import annotations

import os
import sys

from .settings import text


def locate(path: str) -> str:
    """The absolute path of an entrypoint's file: among the files of the flow, else in the image."""
    found = (os.path.join(text(root), path) for root in ("FILES", "WORKDIR"))
    return os.path.abspath(next(filter(os.path.isfile, found), path))


def package(path: str) -> tuple[str, str]:
    """The folder from which an entrypoint's file is imported, and its module's name there.

    A file in a package is imported as a part of it, so that it may import relatively: as far up as the
    entrypoint names folders, and unless the package's name is taken, as by the library's own `test`.
    """
    folder, file = os.path.split(locate(path))
    named = [part for part in os.path.dirname(os.path.normpath(path)).split(os.sep) if part]
    root, names = folder, [file[:-3]]
    while named and os.path.isfile(os.path.join(root, "__init__.py")) and "." not in named[-1]:
        root, name = os.path.split(root)
        names.insert(0, name)
        named.pop()
    taken = sys.modules.get(names[0])
    ours = taken is None or os.path.join(root, names[0]) in [*getattr(taken, "__path__", ())]
    return (root, ".".join(names)) if root == folder or ours else (folder, names[-1])


def import_path(entrypoint: str) -> None:
    """Put the entrypoint's folder (of "path.py:attr", and its package's), the flow's files and the working
    directory, the image's own as well where an archive has changed it, in front of sys.path.

    Functions are pickled by reference, so workers must find the flow's module under the name that the runner
    has for it. `dask worker` puts none of them there, and PYTHONPATH would replace the image's own.
    """
    path = entrypoint.rpartition(":")[0]
    first = []
    if path.endswith(".py"):
        first = [os.path.dirname(locate(path)), package(path)[0]]
    first += [text("FILES"), os.getcwd(), text("WORKDIR")]
    sys.path[:] = list(dict.fromkeys(entry for entry in first + sys.path if entry))
