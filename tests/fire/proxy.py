"""A proxy between an operator and its API server, where calls go wrong as a `Fate` decides.

What befalls a write is one of three: it never took effect, it did and nobody was told, or it will. Watches
are passed on line by line. Stale lists are real ones: the API server is asked for a moment that has passed.
"""

import asyncio
import contextlib
import json
import re
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from tests.fire.faults import REFUSALS, Call, Fate, Fault, Happening, Refusal, call_of
from tests.fire.traffic import Traffic
from tests.fire.upstream import Upstream

_PASSED_ON = ("Content-Type", "Accept", "Authorization", "User-Agent")
_ANSWERED = ("Content-Type", "Retry-After", "Audit-Id", "Warning")
_VERSION = re.compile(rb'"resourceVersion": ?"(\d+)"')
_BODY_LIMIT = 16 << 20


class Proxy:
    """`start` it and give its `url` to an operator; `stop` waits for nothing that is still to land."""

    def __init__(self, upstream: Upstream, fate: Fate, traffic: Traffic | None = None) -> None:
        self.fate = fate
        self.traffic = traffic or Traffic()
        self.writing: Callable[[Call], bool] = lambda call: True
        """Asked about each write that comes: where it says no, the write is lost and nobody is told."""
        self.written: Callable[[Call], None] = lambda call: None
        """Hears of each write once it has taken effect, before the operator does: a moment to kill it."""
        self.url = ""
        self._upstream = upstream
        self._versions: deque[tuple[float, str]] = deque(maxlen=5000)
        """When the API server spoke of which moment."""
        self._landing: set[asyncio.Task[None]] = set()
        self._open: dict[int, web.Request] = {}
        self._cut = False
        self._runner: web.AppRunner | None = None

    async def start(self, context: ssl.SSLContext, host: str = "127.0.0.1") -> None:
        """At any free port of the host."""
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, 0, ssl_context=context)
        await site.start()
        self.url = f"https://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """No more calls."""
        for task in self._landing:
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def landed(self) -> None:
        """Until no write is under way any more that its sender has given up."""
        while self._landing:
            await asyncio.wait(set(self._landing))

    def cut_off(self) -> None:
        """Nothing passes until `restore`, and what was open is gone."""
        self._cut = True
        for request in self._open.values():
            _closed(request)

    def restore(self) -> None:
        """All passes again."""
        self._cut = False

    # --- one call

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self._cut:
            return _closed(request)
        self._open[id(request)] = request
        try:
            return await self._heard(request)
        finally:
            del self._open[id(request)]

    async def _heard(self, request: web.Request) -> web.StreamResponse:
        call = call_of(request.method, request.path, request.query)
        body = await request.read()
        if call is None:
            return await self._whole(request, body, None)
        self.traffic.count(call, body)
        if call.write and not self.writing(call):
            return _closed(request)
        happening = self.fate.of(call)
        if happening is None:
            return await self._passed(request, call, body, None)
        return await self._hit(request, call, body, happening)

    async def _hit(
        self, request: web.Request, call: Call, body: bytes, happening: Happening
    ) -> web.StreamResponse:
        fault = happening.fault
        if fault in REFUSALS:
            return _refused(REFUSALS[fault])
        if fault is Fault.CLOSED_BEFORE:
            return _closed(request)
        if fault is Fault.LATE:
            task = asyncio.create_task(self._lands(request, call, body, happening.seconds))
            self._landing.add(task)
            task.add_done_callback(self._landing.discard)
            return _closed(request)
        if fault is Fault.SLOW:
            await asyncio.sleep(happening.seconds)
        if fault is Fault.CLOSED_AFTER:
            await self._answer(request, call, body)
            return _closed(request)
        return await self._passed(request, call, body, happening)

    async def _lands(self, request: web.Request, call: Call, body: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with contextlib.suppress(aiohttp.ClientError):
            await self._answer(request, call, body)

    async def _passed(
        self, request: web.Request, call: Call, body: bytes, happening: Happening | None
    ) -> web.StreamResponse:
        if call.verb == "watch":
            try:
                return await self._watch(request, happening)
            except aiohttp.ClientError:
                return _closed(request)  # one of the two sides is gone
        return await self._whole(request, body, call, happening)

    async def _whole(
        self, request: web.Request, body: bytes, call: Call | None, happening: Happening | None = None
    ) -> web.StreamResponse:
        past = self._past(happening.ago) if happening and happening.fault is Fault.STALE else {}
        try:
            status, headers, text = await self._answer(request, call, body, **past)
        except aiohttp.ClientError as error:
            return _refused(Refusal(502, "", f"{type(error).__name__}: {error}"))
        if happening and happening.fault is Fault.GARBLED:
            text = garbled(text, happening.share)
        return web.Response(status=status, headers=headers, body=text)

    async def _answer(
        self, request: web.Request, call: Call | None, body: bytes, **past: str
    ) -> tuple[int, dict[str, str], bytes]:
        async with self._forward(request, body, past) as answer:
            text = await answer.read()
            headers = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
        if found := _VERSION.search(text, 0, 2000):
            self._versions.append((time.monotonic(), found[1].decode()))
        if call is not None and call.write:
            self.traffic.wrote(call, answer.status)
            if answer.status < 300:
                self.written(call)
        return answer.status, headers, text

    def _forward(self, request: web.Request, body: bytes, past: dict[str, str]) -> Any:
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        return self._upstream.plain.request(
            request.method,
            self._upstream.url + request.path,
            params={**request.query, **past},
            data=body or None,
            headers=headers,
        )

    def _past(self, ago: float) -> dict[str, str]:
        """How to ask for a list as it was then; as it is now where nothing is known of that time."""
        then = time.monotonic() - ago
        before = [version for at, version in self._versions if at <= then]
        return {"resourceVersion": before[-1], "resourceVersionMatch": "Exact"} if before else {}

    # --- watches

    async def _watch(self, request: web.Request, happening: Happening | None) -> web.StreamResponse:
        fault = happening.fault if happening and happening.fault is not Fault.SLOW else None
        async with self._forward(request, b"", {}) as answer:
            response = web.StreamResponse(status=answer.status)
            response.content_type = answer.content_type
            await response.prepare(request)
            told = 0
            async for line in lines(answer):
                if fault is not None and happening is not None and told >= happening.events:
                    await self._broken(response, line, happening)
                    return _closed(request)
                await response.write(line)
                told += 1
            return response

    async def _broken(self, response: web.StreamResponse, line: bytes, happening: Happening) -> None:
        if happening.fault is Fault.GARBLED:
            await response.write(garbled(line, happening.share))
        elif happening.fault is Fault.GONE_LATER:
            gone = {"type": "ERROR", "object": _status(REFUSALS[Fault.GONE])}
            await response.write(json.dumps(gone).encode() + b"\n")
        elif happening.fault is Fault.CUT:
            await response.write(line[: int(len(line) * happening.share)])


async def lines(answer: aiohttp.ClientResponse) -> Any:
    """The lines of a watch, each with its end, however long."""
    rest = bytearray()
    async for piece in answer.content.iter_any():
        rest += piece
        *whole, left = bytes(rest).split(b"\n")
        rest = bytearray(left)
        for line in whole:
            yield line + b"\n"


def garbled(text: bytes, share: float) -> bytes:
    """One byte is another, which is part of no text: what reads as text again would be another object."""
    at = min(int(len(text) * share), len(text) - 1)
    return text[:at] + b"\xff" + text[at + 1 :] if text else text


def _status(refusal: Refusal) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": refusal.reason,
        "message": refusal.message,
        "code": refusal.code,
    }


def _refused(refusal: Refusal) -> web.Response:
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    if not refusal.reason:
        return web.Response(status=refusal.code, text=refusal.message, headers=headers)
    return web.json_response(_status(refusal), status=refusal.code, headers=headers)


def _closed(request: web.Request) -> web.Response:
    """Nobody hears this answer: the connection is gone."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
