"""The proxy before an API server of the test's own: what takes effect, and what its client hears."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from tests.fire.credentials import Door
from tests.fire.faults import Call, Fate, Fault, Happening
from tests.fire.proxy import Proxy, garbled
from tests.fire.upstream import Upstream

PODS = "/api/v1/namespaces/a/pods"


class One(Fate):
    """This befalls the first call, and nothing any other."""

    def __init__(self, happening: Happening) -> None:
        super().__init__(0, 1)
        self.happening = happening

    def of(self, call: Call) -> Happening | None:
        if self.happened.total():
            return None
        self.happened[self.happening.fault] += 1
        return self.happening


class Server:
    """Counts what was made; its one watch tells of five events."""

    def __init__(self) -> None:
        self.made: list[dict[str, object]] = []
        self.lists: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            self.made.append(await request.json())
            return web.json_response(
                {"kind": "Pod", "metadata": {"resourceVersion": str(len(self.made))}}, status=201
            )
        if request.query.get("watch"):
            response = web.StreamResponse()
            await response.prepare(request)
            for number in range(5):
                await response.write(json.dumps({"type": "ADDED", "object": {"n": number}}).encode() + b"\n")
            return response
        self.lists.append(dict(request.query))
        return web.json_response({"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": []})


class Place:
    """A server, a proxy before it, and a client of that."""

    def __init__(self, server: Server, proxy: Proxy, client: aiohttp.ClientSession) -> None:
        self.server, self.proxy, self.client = server, proxy, client

    def befalls(self, fault: Fault, **measures: float) -> None:
        """The next call."""
        self.proxy.fate = One(Happening(fault, **measures))  # type: ignore[arg-type]

    async def create(self) -> int:
        """The answer's code."""
        body = {"metadata": {"name": "x"}}
        async with self.client.post(self.proxy.url + PODS, json=body) as answer:
            return answer.status

    async def watch(self) -> list[bytes]:
        """The lines until it ends."""
        found = []
        async with self.client.get(self.proxy.url + PODS, params={"watch": "1"}) as answer:
            try:
                async for line in answer.content:
                    found.append(line)
            except aiohttp.ClientError:
                found.append(b"broken")
        return found


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    server, app = Server(), web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    trust = ssl.create_default_context()
    upstream = Upstream(f"http://127.0.0.1:{runner.addresses[0][1]}", trust, trust)
    proxy, door = Proxy(upstream, Fate(0, 0)), Door()
    await proxy.start(door.context)
    trusting = ssl.create_default_context(cadata=door.authority)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as client:
        yield Place(server, proxy, client)
    await proxy.stop()
    await upstream.close()
    await runner.cleanup()


async def test_calm_passes_everything_on(place: Place) -> None:
    assert await place.create() == 201
    assert len(await place.watch()) == 5
    assert place.server.made == [{"metadata": {"name": "x"}}]
    assert place.proxy.traffic.writes == {"create pods": 1}


@pytest.mark.parametrize(
    ("fault", "code"),
    [(Fault.TAKEN, 409), (Fault.QUOTA, 409), (Fault.BUSY, 429), (Fault.BROKEN, 500), (Fault.TIMEOUT, 504)],
)
async def test_what_is_refused_took_no_effect(place: Place, fault: Fault, code: int) -> None:
    place.befalls(fault)
    assert await place.create() == code
    assert not place.server.made


async def test_a_connection_closes_before_or_after_the_write(place: Place) -> None:
    place.befalls(Fault.CLOSED_BEFORE)
    with pytest.raises(aiohttp.ClientError):
        await place.create()
    assert not place.server.made
    place.befalls(Fault.CLOSED_AFTER)
    heard: list[Call] = []
    place.proxy.written = heard.append
    with pytest.raises(aiohttp.ClientError):
        await place.create()
    assert len(place.server.made) == 1
    assert heard == [Call("create", "pods", "a")]


async def test_a_late_write_lands_when_its_sender_has_given_up(place: Place) -> None:
    place.befalls(Fault.LATE, seconds=0.05)
    with pytest.raises(aiohttp.ClientError):
        await place.create()
    assert not place.server.made
    await place.proxy.landed()
    assert len(place.server.made) == 1


async def test_a_slow_call_is_only_slow(place: Place) -> None:
    place.befalls(Fault.SLOW, seconds=0.1)
    began = asyncio.get_running_loop().time()
    assert await place.create() == 201
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_a_stale_list_is_asked_for_as_of_then(place: Place) -> None:
    await place.create()
    place.befalls(Fault.STALE, ago=0.0)
    async with place.client.get(place.proxy.url + PODS) as answer:
        assert answer.status == 200
    assert place.server.lists == [{"resourceVersion": "1", "resourceVersionMatch": "Exact"}]


async def test_watches_break_in_each_way(place: Place) -> None:
    place.befalls(Fault.CUT, events=2, share=0.5)
    *whole, broken = await place.watch()
    assert len([line for line in whole if line.endswith(b"\n")]) == 2
    assert broken == b"broken"
    place.befalls(Fault.GONE_LATER, events=1)
    first, gone, *_ = await place.watch()
    assert json.loads(first)["type"] == "ADDED"
    assert json.loads(gone)["object"]["code"] == 410
    place.befalls(Fault.GARBLED, events=0, share=0.3)
    assert b"\xff" in (await place.watch())[0]


def test_a_garbled_text_is_no_text() -> None:
    for share in (0.0, 0.5, 0.999, 1.0):
        with pytest.raises(UnicodeDecodeError):
            garbled('{"a": "ü€"}'.encode(), share).decode()
    assert garbled(b"", 0.5) == b""
