"""What the wheel of `daskflow` brings along is enough for the command and the SDK, under Python 3.10 too."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

import locks
from tests.runtime.environments.pythons import find

ROOT = locks.PROJECT.parent
EVERYTHING = """
import importlib, pkgutil, sys
def walk(name):
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
        if module.name != "__main__":
            walk(f"{name}.{module.name}")
for room in ("api", "client", "manifests", "cli"):
    walk(f"daskflow.{room}")
import daskflow
assert all(getattr(daskflow, name) for name in daskflow.__all__)
assert daskflow.__file__.startswith(sys.prefix), daskflow.__file__
from daskflow.api.flowrun_status import status_of
assert status_of({"status": {"phase": "Running", "startTime": "2026-01-01T00:00:00Z"}}).phase == "Running"
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline by the locked setuptools, from a copy: it would leave `build` in the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    sources.mkdir()
    shutil.copytree(
        ROOT / "operator", sources / "operator", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(sources)], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_is_typed_and_has_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "daskflow/py.typed" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"daskflow"}


@pytest.mark.parametrize("version", ["3.10", f"{sys.version_info[0]}.{sys.version_info[1]}"])
def test_it_brings_all_that_command_and_sdk_import(wheel: Path, tmp_path: Path, version: str) -> None:
    python = find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    there = {**os.environ, "VIRTUAL_ENV": str(tmp_path / "there")}
    there.pop("PYTHONPATH", None)
    _uv(there, "venv --quiet --python", python, str(tmp_path / "there"))
    _uv(there, "pip install --quiet --require-hashes --only-binary :all: -r", str(locks.lock("client")))
    _uv(there, "pip install --quiet --no-deps", str(wheel))
    made = tmp_path / "there" / "bin"
    subprocess.run([made / "python", "-W", "error", "-c", EVERYTHING], env=there, check=True, cwd=tmp_path)
    helped = subprocess.run(
        [made / "daskflow", "--help"], env=there, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "Usage: daskflow" in helped.stdout


def _uv(environment: dict[str, str], command: str, *arguments: str) -> None:
    subprocess.run([uv.find_uv_bin(), *command.split(), *arguments], env=environment, check=True)
