"""What tests against a cluster share: the operator installed, and a namespace of a test's own."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kube import Kube, namespace

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def installed() -> None:
    """The images of this checkout are built and loaded, and the operator runs from its chart."""
    if "KUBECONFIG" not in os.environ:
        pytest.fail(
            "no cluster here: run `make test`, or `tests/cluster/in .venv/bin/pytest …` after `make cluster`"
        )
    done = subprocess.run(["make", "install"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def kube(installed: None) -> Iterator[Kube]:
    """A namespace that enforces Pod Security `restricted`."""
    with namespace() as kube:
        yield kube
