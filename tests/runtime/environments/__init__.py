"""Python environments that play users' images in tests/runtime, and a user's own; `make environments` builds
them.

Each has what the image of its name has (`locks/flows/`); those of doors (`integrations/`) are `doors/NAME`.
They are kept outside the repository, one folder for each content of a lock, and are built once.
"""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import locks
from tests.cluster.bases import PYTHON

NEWEST = os.environ.get("DASKFLOW_NEWEST") == "1"
"""Whether they have the newest of everything in place of what is locked: `make test-newest`."""
OLDEST = "3.9"
"""The oldest Python that the runtime is tested with; not every machine has it."""
NAMES = ("data", "oldest", "prefect1", "prefect3", *(("dev",) if NEWEST else ()))
SDK = "sdk"
"""A user's own, with the Python of the images: what is pickled there can be loaded in them."""
DASK_KUBERNETES = "doors/dask_kubernetes"
"""A user's own with the published client of dask-kubernetes, and the same Python."""
SDK_PYTHON = PYTHON.docker.partition(":")[2].partition("-")[0]
OVERLAYS = ("cloudpickle-before", "cloudpickle-after")
"""Packages for PYTHONPATH that hide those of an environment."""
_KEPT = 7 * 86400
"""Seconds that an environment of other pins is kept after its last use: other checkouts may use it."""


def interpreter(name: str) -> str | None:
    """The Python that an environment is built with; None when this machine does not have it."""
    version = {"oldest": OLDEST, SDK: SDK_PYTHON, DASK_KUBERNETES: SDK_PYTHON}.get(name)
    if version is None:
        return sys.executable
    found = [
        shutil.which(f"python{version}"),
        *glob.glob(f"{Path.home()}/.pyenv/versions/{version}.*[0-9]/bin/python"),
    ]
    return next((python for python in found if python and _runs(python, version)), None)


def _runs(python: str, version: str) -> bool:
    """A version manager's stand-in may be on the PATH without the version."""
    said = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return said.returncode == 0 and f"Python {version}." in said.stdout


def folder(name: str) -> Path:
    """Where the environment is, or would be."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    if NEWEST and name in NAMES:
        return Path(cache) / "daskflow" / "environments" / f"{name}-newest"
    version = "" if name in ("oldest", SDK, DASK_KUBERNETES, *OVERLAYS) else sys.version.partition(" ")[0]
    content = locks.lock(_lock(name)).read_text() + version
    key = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Path(cache) / "daskflow" / "environments" / f"{name}-{key}"


def _lock(name: str) -> str:
    return name if name in (SDK, *OVERLAYS) or name.startswith("doors/") else f"flows/{name}"


def python(name: str) -> Path | None:
    """The environment's interpreter; None when it has not been built."""
    found = folder(name) / "bin" / "python"
    return found if (folder(name) / "complete").exists() and found.exists() else None


def overlay(name: str) -> Path | None:
    """The folder for PYTHONPATH; None when it has not been built."""
    return folder(name) if (folder(name) / "complete").exists() else None


def build(name: str) -> None:
    """Build one that is not there yet, and remove those of earlier pins. Raises CalledProcessError."""
    target = folder(name)
    base = interpreter(name)
    if base is None:
        return
    if (NEWEST and name in NAMES) or (overlay if name in OVERLAYS else python)(name) is None:
        _make(name, base, target)
    (target / "complete").touch()
    kin = target.name.rpartition("-")[0]
    for old in target.parent.glob(f"{kin}-*"):
        if re.fullmatch(re.escape(kin) + r"-[0-9a-f]{12}", old.name) and _unused(old):
            shutil.rmtree(old)


def _make(name: str, base: str, target: Path) -> None:
    print(f"{name}: building {target}", flush=True)
    shutil.rmtree(target, ignore_errors=True)
    if name in OVERLAYS:
        locks.install(base, _lock(name), "--target", str(target))
        return
    subprocess.run([base, "-m", "venv", str(target)], check=True)
    (locks.install_newest if NEWEST else locks.install)(target / "bin" / "python", _lock(name))
    if name == "prefect3":  # as docs/flows.md tells image builders to
        database = {"PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{target}/prefect.db"}
        database["PREFECT_HOME"] = str(target / "home")
        upgrade = [str(target / "bin" / "prefect"), "server", "database", "upgrade", "-y"]
        subprocess.run(upgrade, check=True, env={**os.environ, **database}, stdout=subprocess.DEVNULL)


def news(name: str) -> list[str]:
    """How an environment differs from its lock."""
    command = [str(folder(name) / "bin" / "python"), "-m", "pip", "list", "--format", "json"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    there = {re.sub(r"[-_.]+", "-", each["name"]).lower(): each["version"] for each in listed}
    locked = locks.pins(_lock(name))
    for brought in {"pip", "setuptools"} - set(locked):  # by the venv module
        there.pop(brought, None)
    return [
        f"{each} {there[each]} (locked: {' or '.join(locked.get(each, ['not']))})"
        for each in sorted(there)
        if there[each] not in locked.get(each, [])
    ]


def _unused(environment: Path) -> bool:
    mark = environment / "complete"
    used = (mark if mark.exists() else environment).stat().st_mtime
    return time.time() - used > _KEPT
