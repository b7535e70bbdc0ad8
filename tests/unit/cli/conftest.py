"""An API server in memory for whole commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.api_server import Server, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server
