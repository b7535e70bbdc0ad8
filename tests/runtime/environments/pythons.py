"""`make test-pythons`: the runtime's tests with other Pythons that this machine has, and the locked Dask.

Of those, the files that need no more than `distributed` in their image, and in which a new Python shows: its
forks, signals, event loops and modules are what the runtime rests on.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import locks

VERSIONS = ("3.12", "3.13", "3.13t", "3.14", "3.14t")
"""`t`: without the interpreter's lock. The lock of packages holds from 3.11 on."""
FILES = (
    "runner/test_sigterm.py",
    "runner/test_flow_main.py",
    "runner/test_supervisor.py",
    "runner/test_run_flow.py",
    "runner/test_lease_keeper.py",
    "runner/test_external_scheduler.py",
    "scheduler/test_retirement.py",
    "worker/test_preload.py",
    "worker/test_nanny_preload.py",
    "clusters/test_dask_cluster.py",
    "test_forward_logs.py",
)


def find(version: str) -> str | None:
    """This machine's interpreter, from the path or pyenv."""
    number = version.rstrip("t")
    free = "t" if version != number else ""
    pyenv = f"{Path.home()}/.pyenv/versions/{number}.*[0-9]{free}/bin/python"
    for python in (shutil.which(f"python{version}"), *sorted(glob.glob(pyenv))):
        said = python and subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        if said and said.returncode == 0 and f"Python {number}." in said.stdout:
            return python
    return None


def build(python: str) -> Path:
    """A virtual environment of it, made once."""
    lock = locks.lock("flows/dev")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256((lock.read_text() + os.path.realpath(python)).encode()).hexdigest()[:12]
    folder = cache / "daskflow" / "environments" / f"python-{key}"
    made = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
        locks.install(made, "flows/dev")
        (folder / "complete").touch()
    return made


def main() -> int:
    """The number of Pythons with which a test failed."""
    failed = 0
    for version in VERSIONS:
        found = find(version)
        if found is None:
            print(f"Python {version}: not on this machine")
            continue
        print(f"Python {version}: {found}", flush=True)
        tests = [f"tests/runtime/{name}" for name in FILES]
        pytest = [sys.executable, "-m", "pytest", "-q", "--numprocesses", "auto", "--dist", "loadfile"]
        environment = {**os.environ, "DASKFLOW_TEST_PYTHON": str(build(found))}
        ended = subprocess.run([*pytest, *tests], env=environment, check=False)
        failed += ended.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
