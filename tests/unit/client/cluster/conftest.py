"""An operator in memory, and a connection to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from daskflow.client.connection import Connection

from tests.unit.client.cluster.operator_in_memory import Operator, operating

Place = tuple[Operator, Connection]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with operating(tmp_path) as place:
        yield place


@pytest.fixture
def operator(place: Place) -> Operator:
    return place[0]


@pytest.fixture
def connection(place: Place) -> Connection:
    return place[1]
