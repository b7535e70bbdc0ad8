"""Sdists and wheels, of daskflow and doors, as `python -m build` makes them and `twine check` likes them."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from integrations import doors
from release import EPOCH, ROOT, VERSION

_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")


_IGNORED = shutil.ignore_patterns("*.egg-info", "__pycache__", "build", "tests")


def packages(folder: Path) -> list[Path]:
    """Both of daskflow, in this folder. Raises CalledProcessError."""
    sources = {name: ROOT / name for name in _SOURCES}
    return _built({**sources, "operator": ROOT / "operator"}, "daskflow", folder)


def doors_packages(folder: Path) -> list[Path]:
    """Those of all doors that are packages, likewise."""
    made = []
    for door in doors():
        if door.project is not None:
            sources = {each.name: each for each in door.folder.iterdir()}
            distribution = door.project["project"]["name"]
            made += _built({**sources, "LICENSE": ROOT / "LICENSE"}, distribution, folder)
    return made


def _built(sources: dict[str, Path], distribution: str, folder: Path) -> list[Path]:
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)  # setuptools would leave `build` beside the originals
        for name in {*sources} - _IGNORED(".", [*sources]):
            if sources[name].is_dir():
                shutil.copytree(sources[name], copy / name, ignore=_IGNORED)
            else:
                shutil.copy(sources[name], copy / name)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
        # By the locked setuptools, without asking a registry for another; the wheel is made from the sdist.
        build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(copy)]
        subprocess.run(build, check=True, env=environment, stdout=subprocess.DEVNULL)
    made = built(folder, distribution)
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *map(str, made)], check=True)
    return made


def built(folder: Path, distribution: str = "daskflow") -> list[Path]:
    """Sdist and wheel of this version, among whatever else is there."""
    name = f"{distribution.replace('-', '_')}-{VERSION}"
    return [folder / f"{name}.tar.gz", folder / f"{name}-py3-none-any.whl"]
