"""The sdist and the wheel, as `python -m build` makes them and `twine check` likes them."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from release import EPOCH, ROOT, VERSION

_SOURCES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")


def packages(folder: Path) -> list[Path]:
    """Both, in this folder. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as scratch:
        sources = Path(scratch)  # a copy: setuptools would leave `build` beside the originals
        ignored = shutil.ignore_patterns("*.egg-info", "__pycache__")
        shutil.copytree(ROOT / "operator", sources / "operator", ignore=ignored)
        for name in _SOURCES:
            shutil.copy(ROOT / name, sources)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
        # By the locked setuptools, without asking a registry for another; the wheel is made from the sdist.
        build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(sources)]
        subprocess.run(build, check=True, env=environment, stdout=subprocess.DEVNULL)
    made = built(folder)
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *map(str, made)], check=True)
    return made


def built(folder: Path) -> list[Path]:
    """Sdist and wheel of this version, among whatever else is there."""
    return [folder / f"daskflow-{VERSION}.tar.gz", folder / f"daskflow-{VERSION}-py3-none-any.whl"]
