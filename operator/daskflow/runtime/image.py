"""What a user's image lacks, or lacks in a pod: a home, a name, writable folders, its entrypoint; or Dask."""

from __future__ import annotations

import contextlib
import os

from .settings import say, text

_INSTALLERS = ("EXTRA_PIP_PACKAGES", "EXTRA_CONDA_PACKAGES", "EXTRA_APT_PACKAGES")
"""Variables of the entrypoints of Dask's and Prefect's images."""
_PACKAGES = "/opt/app/environment.yml"
"""A file that Dask's entrypoint reads."""
_FOLDERS = (
    ("XDG_CACHE_HOME", ".cache", True),
    ("XDG_STATE_HOME", ".local/state", True),
    ("XDG_CONFIG_HOME", ".config", False),
    ("XDG_DATA_HOME", ".local/share", False),
    ("MPLCONFIGDIR", ".config/matplotlib", False),
    ("TRITON_CACHE_DIR", ".triton/cache", True),
)
"""Variable, the place below HOME that it stands for, and whether that is only ever a cache. Numba's and
torch's caches follow XDG_CACHE_HOME and TMPDIR by themselves."""


def prepare() -> None:
    """HOME stays if it is there, since what is mounted below it is meant to be found; TMPDIR, and a home that
    is missing, are on the scratch volume. What would be written below a read-only home goes there as well."""
    _named()
    scratch = text("SCRATCH", "/scratch")
    if not os.access(scratch, os.W_OK):
        return
    if not os.environ.get("TMPDIR") or not os.access(os.environ["TMPDIR"], os.W_OK):
        os.environ["TMPDIR"] = scratch
    if not _is_home(os.environ.get("HOME", "")):
        os.environ["HOME"] = scratch
    home = os.environ["HOME"]
    if os.access(home, os.W_OK):
        return
    for name, place, cache in _FOLDERS:
        if name not in os.environ and (cache or not os.path.isdir(os.path.join(home, place))):
            os.environ[name] = os.path.join(scratch, place)


def warn_of_installers() -> None:
    """Say what has no effect. Called once in a run, or in a cluster without one."""
    given = [name for name in _INSTALLERS if os.environ.get(name)]
    given += [_PACKAGES] if os.path.isfile(_PACKAGES) else []
    if given:
        verb = "has" if len(given) == 1 else "have"
        say(
            f"{', '.join(given)} {verb} no effect: the image's entrypoint, which would install packages, is"
            " not run. Build an image that has them: they are then the same in all pods"
        )


def without_distributed(error: ImportError) -> str:
    """What is wrong with an image without Dask; the operator knows it by the interpreter's own words."""
    return (
        f"The image cannot import distributed ({error}): install distributed 2023.1 or later in it,"
        " the same version for scheduler, workers and runner."
    )


def _is_home(path: str) -> bool:
    """A container runtime gives users without an entry in /etc/passwd the root folder."""
    if not path.strip("/"):
        return False
    with contextlib.suppress(OSError):
        os.makedirs(path, exist_ok=True)
    return os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK)


def _named() -> None:
    """`getpass.getuser()` raises for a user who has no entry in /etc/passwd and none of these variables."""
    if any(os.environ.get(name) for name in ("LOGNAME", "USER", "LNAME", "USERNAME")):
        return
    import pwd

    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        os.environ["USER"] = os.environ["LOGNAME"] = "daskflow"
