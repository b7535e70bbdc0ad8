"""The wheel under each Python that it is for and this machine has."""

import subprocess
from pathlib import Path

import pytest
import uv

from release import PROJECT, ROOT
from release.packages import packages
from release.targets import PYTHONS
from tests.unit.test_package import imported


@pytest.mark.parametrize("version", PYTHONS)
def test_it_brings_all_that_command_and_sdk_import(tmp_path: Path, version: str) -> None:
    wheel = next(each for each in packages(tmp_path) if each.suffix == ".whl")
    imported(wheel, tmp_path, version)


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("extra", sorted(set(PROJECT["optional-dependencies"]) - {"dev"}))
def test_an_extra_has_wheels(version: str, extra: str) -> None:
    """Of all that it asks for; of the operator's, kopf is for Python 3.11 on."""
    command = [uv.find_uv_bin(), "pip", "compile", "--quiet", "--only-binary", ":all:", "--extra", extra]
    where = ["--python-version", version, "--output-file", "/dev/null", "pyproject.toml"]
    said = subprocess.run([*command, *where], cwd=ROOT, capture_output=True, text=True, check=False)
    if (extra, version) == ("operator", "3.10"):
        assert "kopf" in said.stderr
    else:
        assert said.returncode == 0, said.stderr
