"""An API server in memory, and a connection to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from daskflow.client.connection import Connection

from tests.unit.client.api_in_memory import Api, serving


@pytest.fixture
async def api() -> Api:
    return Api()


@pytest.fixture
async def connection(api: Api, tmp_path: Path) -> AsyncIterator[Connection]:
    async with serving(api, tmp_path) as connection:
        yield connection
