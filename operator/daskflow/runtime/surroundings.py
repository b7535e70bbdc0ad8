"""What programs take for granted and a pod with a read-only image lacks: a home, a name, writable folders."""

from __future__ import annotations

import contextlib
import os

from .settings import text

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
