"""The published client of dask-kubernetes, unmodified, as a notebook uses it in its first hour.

It needs a Python of the images' version; `make doors-dask-kubernetes` has all the rest.
"""

import os
import subprocess

import pytest

from tests.cluster.settings import REPOSITORY
from tests.runtime import environments

TESTS = "integrations/dask_kubernetes/tests/cluster/test_kubecluster.py"


def test_kubecluster(installed: None) -> None:
    name = environments.DASK_KUBERNETES
    if environments.interpreter(name) is None:
        pytest.skip(f"there is no Python {environments.SDK_PYTHON} here, which the images have")
    python = environments.python(name)
    assert python, "make environments"
    pytest_options = ["-q", "--rootdir", str(REPOSITORY), "-c", os.devnull, "--import-mode", "importlib"]
    done = subprocess.run(
        [python, "-m", "pytest", *pytest_options, "-p", "no:cacheprovider", "--timeout", "120", TESTS],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
