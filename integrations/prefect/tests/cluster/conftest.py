"""One server and one pool for the tests of a module, with a worker for as long as they last."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.prefect.tests.world import World, world


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("prefect")) as made:
        made.worker()
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
