"""An API server that forwards ports, with one pod behind which something listens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from daskflow.client.connection import Connection

from tests.unit.client.api_in_memory import serving
from tests.unit.client.tunnel.forwarding import Forwarding, upper


@pytest.fixture
async def api() -> AsyncIterator[Forwarding]:
    api = Forwarding()
    async with upper() as port:
        api.pod("a")
        api.ports["a", 80] = port
        yield api


@pytest.fixture
async def connection(api: Forwarding, tmp_path: Path) -> AsyncIterator[Connection]:
    async with serving(api, tmp_path) as connection:
        yield connection
