"""Python environments that play users' images in tests/runtime; `make environments` builds them.

Each `NAME.txt` beside this file has the pins of one. They are kept outside the repository, one folder for
each content of the pins, and are built once.
"""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = "3.9"
"""The oldest Python that the runtime is tested with; not every machine has it."""
_HERE = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in _HERE.glob("*.txt")))


def interpreter(name: str) -> str | None:
    """The Python that an environment is built with; None when this machine does not have it."""
    if name != "oldest":
        return sys.executable
    found = [
        shutil.which(f"python{OLDEST}"),
        *glob.glob(f"{Path.home()}/.pyenv/versions/{OLDEST}*/bin/python"),
    ]
    return next((python for python in found if python and _runs(python)), None)


def _runs(python: str) -> bool:
    """A version manager's stand-in may be on the PATH without the version."""
    said = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    return said.returncode == 0 and f"Python {OLDEST}." in said.stdout


def folder(name: str) -> Path:
    """Where the environment is, or would be."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    version = "" if name == "oldest" else sys.version.partition(" ")[0]
    key = hashlib.sha256(((_HERE / f"{name}.txt").read_text() + version).encode()).hexdigest()[:12]
    return Path(cache) / "daskflow" / "environments" / f"{name}-{key}"


def python(name: str) -> Path | None:
    """The environment's interpreter; None when it has not been built."""
    found = folder(name) / "bin" / "python"
    return found if (folder(name) / "complete").exists() and found.exists() else None


def build(name: str) -> None:
    """Build one that is not there yet, and remove those of earlier pins. Raises CalledProcessError."""
    if python(name) is not None:
        return
    base = interpreter(name)
    if base is None:
        print(f"{name}: there is no Python {OLDEST} on this machine, its tests are skipped")
        return
    target = folder(name)
    for old in target.parent.glob(f"{name}-*"):
        if re.fullmatch(re.escape(name) + r"-[0-9a-f]{12}", old.name):
            shutil.rmtree(old)
    print(f"{name}: building {target}")
    subprocess.run([base, "-m", "venv", str(target)], check=True)
    pip = [str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(_HERE / f"{name}.txt")], check=True)
    if name == "prefect3":  # as docs/flows.md tells image builders to
        database = {"PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{target}/prefect.db"}
        database["PREFECT_HOME"] = str(target / "home")
        upgrade = [str(target / "bin" / "prefect"), "server", "database", "upgrade", "-y"]
        subprocess.run(upgrade, check=True, env={**os.environ, **database}, stdout=subprocess.DEVNULL)
    (target / "complete").touch()
