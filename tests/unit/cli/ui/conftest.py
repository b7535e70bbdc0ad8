"""A world in memory, what is known of it, and a browser's requests without a browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from daskflow.cli.ui.app import create
from daskflow.cli.ui.source import Source

from tests.unit.cli.ui.world import World

HOST = "127.0.0.1:4711"
TOKEN = "right"
ORIGIN = {"Origin": f"http://{HOST}"}
Start = Callable[..., Awaitable[Source]]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def start(world: World) -> AsyncIterator[Start]:
    """A source of the world that has heard all there is."""
    tasks: list[asyncio.Task[None]] = []

    async def started(*namespaces: str) -> Source:
        source = world.source(*namespaces)
        tasks.append(asyncio.ensure_future(source.run()))
        while not all(feed.listed for feed in source.feeds.values()):
            await asyncio.wait_for(source.after(source.version), 5)
        return source

    yield started
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def source(start: Start) -> Source:
    return await start()


@pytest.fixture
async def stranger(source: Source) -> AsyncIterator[httpx.AsyncClient]:
    """Who has no token."""
    transport = httpx.ASGITransport(create(source, host=HOST, token=TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        yield client


@pytest.fixture
async def page(stranger: httpx.AsyncClient) -> httpx.AsyncClient:
    """The page itself: it was opened with its token."""
    assert (await stranger.get("/", params={"token": TOKEN})).status_code == 200
    return stranger
