"""What who watches hears of the server itself."""

import asyncio
from contextlib import aclosing

from aiohttp import web
from daskflow.client.connection import Connection
from daskflow.client.errors import ConnectionFailed, DaskflowError
from daskflow.client.watching import watch

from tests.unit.client.api_in_memory import Api


async def test_that_it_is_away_and_that_it_is_back(api: Api, connection: Connection) -> None:
    heard: list[DaskflowError | None] = []
    back = asyncio.Event()

    def hear(error: DaskflowError | None) -> None:
        heard.append(error)
        if error is None and len(heard) > 1:
            back.set()

    await api.put("one")
    api.cut = [0]
    api.answers = [lambda _: None, lambda _: None, lambda _: OSError("away"), lambda _: OSError("away")]
    async with aclosing(watch(connection, "FlowRun", heard=hear)) as events:
        first = await asyncio.wait_for(anext(events), 5)
        assert (first.object["metadata"]["name"], heard) == ("one", [None])
        following = asyncio.ensure_future(anext(events))
        await asyncio.wait_for(back.wait(), 10)
        assert [isinstance(each, ConnectionFailed) for each in heard] == [False, True, True, False]
        await api.put("two")
        assert (await asyncio.wait_for(following, 5)).object["metadata"]["name"] == "two"


async def test_one_that_ends_in_the_middle_of_a_line_goes_on(api: Api, connection: Connection) -> None:
    await api.put("one")
    half = web.Response(text='{"type":"MODIFIED","obj')
    api.answers = [lambda _: None, lambda _: half]
    async with aclosing(watch(connection, "FlowRun")) as events:
        await asyncio.wait_for(anext(events), 5)
        following = asyncio.ensure_future(anext(events))
        await asyncio.wait_for(api.watched.wait(), 5)
        await api.put("two")
        assert (await asyncio.wait_for(following, 5)).object["metadata"]["name"] == "two"
