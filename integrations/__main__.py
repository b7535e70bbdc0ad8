"""`python -m integrations KIND [DOOR…]`: run the tests of these doors, or of all.

Of the kinds, `quick` and `cluster` are folders of tests, `types` is mypy with what the door's environment
has. `environments` builds those that the others need, and `engines` what `cluster` does (`tests/engine.py`
of the door), where registries of packages can be reached.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from integrations import ROOT, Door, doors
from integrations.environments import build, interpreter, variables


def tests(door: Door, kind: str) -> int:
    """The exit code of the door's tests of this kind; 0 where it has none."""
    found = door.tests(kind)
    if found is None:
        return 0
    settings = door.folder / "pyproject.toml"
    settings = settings if settings.exists() else Path(os.devnull)
    pytest = [str(interpreter(door)), "-m", "pytest", "-q", "--rootdir", str(ROOT), "-c", str(settings)]
    options = ["--import-mode", "importlib", "-o", f"cache_dir=.pytest_cache/doors/{door.name}"]
    if not door.lock:  # which then has pytest-asyncio, that wants to be told
        options += ["-o", "asyncio_default_fixture_loop_scope=function"]
    command = [*pytest, *options, str(found.relative_to(ROOT))]
    code = subprocess.run(command, env=variables(door), cwd=ROOT, check=False).returncode
    if code != 1 or kind != "quick":
        return code
    # As tests/twice.py: a test that passes by itself is unsteady, and is named here.
    print(f"{door.name}: what has failed is run once more; UNSTEADY if it passes", flush=True)
    again = [*command, "--last-failed", "--last-failed-no-failures", "none", "-v"]
    return subprocess.run(again, env=variables(door), cwd=ROOT, check=False).returncode


def engine(door: Door) -> int:
    """The exit code of what builds the tool that the door is for; 0 where nothing does."""
    program = door.folder / "tests" / "engine.py"
    if not program.exists():
        return 0
    command = [str(interpreter(door)), str(program)]
    return subprocess.run(command, env=variables(door), cwd=ROOT, check=False).returncode


def types(door: Door) -> int:
    """The exit code of mypy on the door's package; 0 where it has none."""
    if door.package is None:
        return 0
    where = ["--python-executable", str(interpreter(door)), "--cache-dir", f".mypy_cache/doors/{door.name}"]
    oldest = door.project["project"]["requires-python"].removeprefix(">=") if door.project else ""
    where += ["--python-version", oldest]
    settings = ["--config-file", str(door.folder / "pyproject.toml")]
    command = [sys.executable, "-m", "mypy", "--strict", *settings, *where, "-p", door.package.name]
    path = {**os.environ, "MYPYPATH": str(door.folder)}
    return subprocess.run(command, cwd=ROOT, env=path, check=False).returncode


def main() -> int:
    """The number of doors in which something failed."""
    parser = argparse.ArgumentParser(prog="python -m integrations", description=__doc__)
    parser.add_argument("kind", choices=["quick", "cluster", "types", "environments", "engines"])
    names = [door.name for door in doors()]
    parser.add_argument("doors", nargs="*", metavar="DOOR", help=f"of {', '.join(names)}")
    given = parser.parse_args()
    if unknown := set(given.doors) - set(names):
        parser.error(f"no door is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    failed = []
    for door in (Door(name) for name in given.doors or names):
        if given.kind != "cluster":  # within the cluster's network there is no registry
            build(door)
        if given.kind == "environments":
            continue
        if given.kind == "engines":
            failed += [door.name] if engine(door) else []
            continue
        began = time.monotonic()
        print(f"{door.name}: {given.kind}", flush=True)
        code = types(door) if given.kind == "types" else tests(door, given.kind)
        print(f"{door.name}: {time.monotonic() - began:.0f} s", flush=True)
        failed += [door.name] if code else []
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
