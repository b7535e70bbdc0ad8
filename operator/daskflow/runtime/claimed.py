"""A waiting cluster that a run has claimed: what its processes, which have started before it, take from it.

Scheduler and workers need to find the flow's code, before any task of it comes; the runner gets, beyond
that, the variables that a runner's pod that is made for the run has from birth.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import json
import os
from typing import Any

from .importing import import_path
from .settings import private

ENTRYPOINT = "DASKFLOW_ENTRYPOINT"
HEARD = "heard"
"""What a worker answers; of what it does not know Dask makes an answer, too."""
_OURS = "DASKFLOW_"
_OF_THE_POD = (
    *("DASKFLOW_POD", "DASKFLOW_POD_UID", "DASKFLOW_POD_IP", "DASKFLOW_DIR", "DASKFLOW_SCRATCH"),
    *("DASKFLOW_CONTROL", "DASKFLOW_FILES", "DASKFLOW_ARCHIVE", "DASKFLOW_WORKDIR", "DASKFLOW_STANDBY"),
)
"""Variables that no claim changes."""


def code(entrypoint: str, archive: str, role: str) -> None:
    """Have this process import the flow's code. `archive`: of what came with it, in base64, or "".

    Raises ValueError for what is no archive.
    """
    if archive:
        from .unpack import unpack

        folder = os.path.join(private(), "daskflow-archive")
        os.makedirs(folder, exist_ok=True)
        try:
            data = base64.b64decode(archive, validate=True)
        except binascii.Error as error:
            raise ValueError(f"the archive of the claim is not base64: {error}") from error
        with open(os.path.join(folder, "0"), "wb") as file:
            file.write(data)
        os.environ["DASKFLOW_ARCHIVE"] = folder
        unpack(role)
    import_path(entrypoint)
    importlib.invalidate_caches()


def take(claim: dict[str, Any]) -> None:
    """In the runner's process 1; the flow's process is told by `told`. Raises ValueError, as `code`."""
    for name, value in claim["variables"].items():
        if name.startswith(_OURS) and name not in _OF_THE_POD:
            os.environ[name] = value
    code("", claim["archive"], "runner")


def _file() -> str:
    return os.path.join(private(), "daskflow-claim.json")


def tell() -> None:
    """Leave for the flow's process what it is to know: the environment and the working directory."""
    ours = {name: value for name, value in os.environ.items() if name.startswith(_OURS)}
    with open(_file(), "w", encoding="utf-8") as file:
        json.dump({"variables": ours, "folder": os.getcwd()}, file)


def hear() -> None:
    """In the flow's process: become as one that was forked after all that was known."""
    with open(_file(), encoding="utf-8") as file:
        told = json.load(file)
    os.remove(file.name)
    os.environ.update(told["variables"])
    os.chdir(told["folder"])
