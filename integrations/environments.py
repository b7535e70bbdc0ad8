"""The Python that a door's tests run with, and how its package is found there.

An environment has what the door's lock has and is shared by all checkouts; the package itself is on the path,
from this checkout, beside the metadata that its entry points are read from.
"""

import os
import subprocess
import sys
from pathlib import Path

from integrations import ROOT, Door
from tests.runtime import environments

_METADATA = "import sys, setuptools.build_meta as b; b.prepare_metadata_for_build_wheel(sys.argv[1])"


def build(door: Door) -> None:
    """Build what is not there yet. Raises CalledProcessError."""
    if door.lock:
        environments.build(door.lock)
    if door.project and _outdated(door):
        target = _metadata(door)
        target.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-c", _METADATA, str(target)]
        subprocess.run(command, check=True, cwd=door.folder, stdout=subprocess.DEVNULL)
        (target / "made").touch()


def interpreter(door: Door) -> Path:
    """Its Python. Raises RuntimeError where it has not been built."""
    found = environments.python(door.lock) if door.lock else Path(sys.executable)
    if found is None:
        raise RuntimeError(f"the environment of {door.name} is not there; run `make doors-{door.name}`")
    return found


def variables(door: Door) -> dict[str, str]:
    """The environment of a process that is to import the door's package, and helpers of this one."""
    places = [str(_metadata(door)), str(door.folder)] if door.project else []
    folder = str(interpreter(door).parent)  # programs that are installed there
    path = os.pathsep.join([folder, os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join([*places, str(ROOT)])}


def _metadata(door: Door) -> Path:
    return ROOT / "build" / "doors" / door.name


def _outdated(door: Door) -> bool:
    made = _metadata(door) / "made"
    return not made.exists() or made.stat().st_mtime < (door.folder / "pyproject.toml").stat().st_mtime
