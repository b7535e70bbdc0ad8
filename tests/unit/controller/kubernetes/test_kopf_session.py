"""What kopf's connections tell of themselves. What becomes of objects is tried with the whole process."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from daskflow.api.names import FLOW_RUN
from daskflow.controller.kubernetes import kopf_session
from daskflow.controller.kubernetes.kopf_session import WaitingObjects, _responses
from daskflow.plan.model import Object

PATH = "/apis/daskflow.dev/v1alpha1/flowruns"
WATCH = f"{PATH}?watch=true"


@asynccontextmanager
async def answered(
    answer: Callable[[], web.Response],
    heard: Callable[[str], None] = lambda kind: None,
    known: Callable[[Object], bool] = lambda body: False,
) -> AsyncIterator[Callable[[str], "aiohttp.client._RequestContextManager"]]:
    """How to ask a server that answers so."""

    async def handle(request: web.Request) -> web.Response:
        return answer()

    application = web.Application()
    application.router.add_get("/{path:.*}", handle)
    async with (
        TestServer(application) as server,
        aiohttp.ClientSession(response_class=_responses(WaitingObjects(heard, known))) as session,
    ):
        yield lambda path: session.get(server.make_url(path))


def page() -> web.Response:
    return web.json_response({"metadata": {"resourceVersion": "1", "continue": "x"}, "items": []})


async def said(response: aiohttp.ClientResponse) -> list[tuple[str, int]]:
    """Type and code of the events of a watch, as kopf reads it."""
    text = b"".join([chunk async for chunk in response.content.iter_chunked(1024)])
    events = [json.loads(line) for line in text.splitlines()]
    return [(event["type"], event["object"].get("code")) for event in events]


async def test_each_page_of_a_list_is_a_sign_of_life() -> None:
    heard = list[str]()
    async with answered(page, heard.append) as ask:
        for count in (1, 2, 3):
            async with ask(PATH) as response:
                assert (await response.json())["metadata"]["continue"] == "x"
            assert heard == [FLOW_RUN] * count


@pytest.mark.parametrize("status", [401, 429, 500, 503, 504])
@pytest.mark.parametrize("path", [PATH, WATCH, "/apis"])
async def test_what_only_time_heals_is_a_connection_that_failed(status: int, path: str) -> None:
    """After some answers of this kind kopf gives up; after connections that fail it never does."""
    async with answered(lambda: web.Response(status=status, headers={"Retry-After": "0"})) as ask:
        with pytest.raises(aiohttp.ClientConnectionError, match=f"answered {status}"):
            await ask(path)


async def test_a_watch_that_is_answered_with_410_says_so_as_an_event() -> None:
    async with answered(lambda: web.Response(status=410)) as ask, ask(WATCH) as response:
        assert response.status == 200
        assert await said(response) == [("ERROR", 410)]


async def test_a_list_that_is_answered_with_410_begins_anew() -> None:
    async with answered(lambda: web.Response(status=410)) as ask:
        with pytest.raises(aiohttp.ClientPayloadError, match="a list of FlowRun is too old"):
            await ask(PATH)


@pytest.mark.parametrize("text", [b'{"metadata": "\xff"}', b"<html>", b"{}", b""])
async def test_a_list_that_is_none_begins_anew(text: bytes) -> None:
    async with answered(lambda: web.Response(body=text)) as ask, ask(PATH) as response:
        with pytest.raises(aiohttp.ClientPayloadError, match="a list of FlowRun is none"):
            await response.json()


async def test_any_error_within_a_watch_has_kopf_list_anew() -> None:
    status = {"kind": "Status", "code": 500, "message": "unable to decode an event from the watch stream"}
    events = [{"type": "ERROR", "object": status}]
    text = "".join(json.dumps(event) + "\n" for event in events)
    async with answered(lambda: web.Response(text=text)) as ask, ask(WATCH) as response:
        assert await said(response) == [("ERROR", 410)]


async def test_who_stays_unknown_reads_credentials_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    status = 401
    async with answered(lambda: web.Response(status=status)) as ask:
        with pytest.raises(aiohttp.ClientConnectionError, match="answered 401"):
            await ask(WATCH)
        monkeypatch.setattr(kopf_session, "UNKNOWN_SECONDS", 0.0)
        assert (await ask(WATCH)).status == 401
        monkeypatch.setattr(kopf_session, "UNKNOWN_SECONDS", 30.0)
        status = 404
        assert (await ask(WATCH)).status == 404
        status = 401
        with pytest.raises(aiohttp.ClientConnectionError, match="answered 401"):
            await ask(WATCH)


@pytest.mark.parametrize("status", [403, 404])
async def test_refusals_reach_kopf_as_they_are(status: int) -> None:
    async with answered(lambda: web.Response(status=status)) as ask, ask(WATCH) as response:
        assert response.status == status


async def test_what_is_known_is_a_bookmark_to_kopf() -> None:
    def line(name: str, version: str) -> str:
        meta = {"namespace": "a", "name": name, "uid": name, "resourceVersion": version}
        body = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": meta, "spec": {}}
        return json.dumps({"type": "MODIFIED", "object": body})

    text = "\n".join((line("ours", "7"), line("new", "8"))) + "\n"
    known = lambda body: body["metadata"]["name"] == "ours"  # noqa: E731
    async with answered(lambda: web.Response(text=text), known=known) as ask, ask(WATCH) as response:
        told = b"".join([chunk async for chunk in response.content.iter_chunked(1024)])
    first, second = (json.loads(each) for each in told.splitlines())
    assert (first["type"], first["object"]["metadata"]) == ("BOOKMARK", {"resourceVersion": "7"})
    assert (second["type"], second["object"]["metadata"]["name"]) == ("MODIFIED", "new")
