"""One file with the command `daskflow` and all that it imports, by shiv: any Python from 3.10 on runs it.

Some of that is compiled: pydantic-core, cryptography, PyYAML. Such modules have the Python's and the
machine's tags in their names. Those of all Pythons lie side by side; there is a file for each machine.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import uv

import locks
from release import EPOCH
from release.targets import PYTHONS, Target

_SOURCES = (".c", ".h", ".pyx")
"""Of what is compiled; nobody reads them."""


def zipapp(wheel: Path, target: Target, file: Path, pythons: tuple[str, ...] = PYTHONS) -> None:
    """Raises CalledProcessError, and ValueError if two Pythons would have different files of one name."""
    with tempfile.TemporaryDirectory() as scratch:
        merged = Path(scratch) / "merged"
        for python in pythons:
            _merge(_installed(Path(scratch) / python, python, target), merged)
        _install(merged, "--no-deps", "--no-index", str(wheel))
        shutil.rmtree(merged / "bin", ignore_errors=True)
        command = [sys.executable, "-m", "shiv", "--site-packages", str(merged), "--compressed"]
        command += ["--entry-point", "daskflow.cli.main:program", "--python", "/usr/bin/env python3"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
        subprocess.run([*command, "--reproducible", "--output-file", str(file)], check=True, env=environment)


def _installed(folder: Path, python: str, target: Target) -> Path:
    lock = ["--require-hashes", "--only-binary", ":all:", "-r", str(locks.lock("zipapp"))]
    _install(folder, "--python-version", python, "--python-platform", target.platform, *lock)
    return folder


def _install(folder: Path, *what: str) -> None:
    command = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*command, "--target", str(folder), *what], check=True)


def _merge(folder: Path, into: Path) -> None:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder)
        there = into / name
        if name.suffix in _SOURCES:
            continue
        if there.exists() and name.name.endswith(".abi3.so"):
            continue  # of the oldest Python: every newer one loads it
        told = name.parts[0].endswith(".dist-info") or name.parts[0] in ("bin", ".lock")
        if there.exists() and not told and not filecmp.cmp(path, there, shallow=False):
            raise ValueError(f"{name} is another file for another Python: lock one version of its package")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there)
