"""The wheel under each Python that it is for and this machine has."""

from pathlib import Path

import pytest

from release.packages import packages
from release.targets import PYTHONS
from tests.unit.test_package import imported


@pytest.mark.parametrize("version", PYTHONS)
def test_it_brings_all_that_command_and_sdk_import(tmp_path: Path, version: str) -> None:
    wheel = next(each for each in packages(tmp_path) if each.suffix == ".whl")
    imported(wheel, tmp_path, version)
