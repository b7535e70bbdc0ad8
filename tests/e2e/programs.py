"""Programs of users with the Python of the images: what is pickled here can be loaded there."""

import os
from pathlib import Path

import daskflow
import pytest

from tests.runtime import environments


def sdk() -> tuple[str, dict[str, str]]:
    """An interpreter that has the SDK and Dask, and its environment; the test is skipped where none is."""
    version = environments.SDK_PYTHON
    if environments.interpreter(environments.SDK) is None:
        pytest.skip(f"there is no Python {version} here, which the images have")
    python = environments.python(environments.SDK)
    assert python, "make environments"
    return str(python), {**os.environ, "PYTHONPATH": str(Path(daskflow.__file__).parents[1])}
