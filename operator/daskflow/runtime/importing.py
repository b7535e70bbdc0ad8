"""Where a flow's code is: among its mounted files, or in the image's working directory."""

from __future__ import annotations

import os
import sys

from .settings import text


def locate(path: str) -> str:
    """The absolute path of an entrypoint's file: among the mounted files of the flow, else in the image."""
    mounted = os.path.join(text("FILES"), path)
    return os.path.abspath(mounted if os.path.isfile(mounted) else path)


def import_path(entrypoint: str) -> None:
    """Put the entrypoint's folder (of "path.py:attr"), the flow's mounted files and the working directory
    in front of sys.path.

    Functions are pickled by reference, so workers must find the flow's module under the name that the runner
    has for it. `dask worker` puts none of them there, and PYTHONPATH would replace the image's own.
    """
    path = entrypoint.rpartition(":")[0]
    first = [os.path.dirname(locate(path))] if path.endswith(".py") else []
    first += [text("FILES"), os.getcwd()]
    sys.path[:] = list(dict.fromkeys(entry for entry in first + sys.path if entry))
