"""Airflow with a home of its own, which has to be said before it is imported, and an API server."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="airflow-")
os.environ.update(
    AIRFLOW_HOME=_HOME.name,
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
)

import pytest  # noqa: E402

from integrations.airflow.tests.quick.api_server import ApiServer  # noqa: E402


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """One that has no runs yet."""
    with ApiServer() as started:
        yield started


@pytest.fixture
def kubeconfig(server: ApiServer, tmp_path: Path) -> str:
    """A file that leads to it."""
    return str(server.kubeconfig(tmp_path))


@pytest.fixture(scope="session")
def database() -> None:
    """Airflow's tables, in its home."""
    from airflow.utils.db import initdb

    initdb()
