"""kopf's connections to the API server: custom resources reach it as names and versions only.

kopf decodes with the standard library, which a value nested 1,000 deep makes raise RecursionError, and that
ends the process; and what it decodes is 20 times larger than its text. It needs neither spec nor status to
tell objects apart, so the lists and lines that it reads are made short here, and the objects, decoded with
care, wait in `WaitingObjects` until kopf hands over the event that they came with. Most of what is told is
what this operator has just written: that is known, and a bookmark to kopf, which takes 1 ms for any event.

kopf also gives up, and the process with it, after a minute of 5xx or 429, at a 410 that is an answer and no
event, at any other error within a watch, at a list that is no text, and at a 401 with all credentials there
are, which an API server that has just begun gives to service accounts that it has not read yet. In here
these are what it lives through: a connection that failed, or news that are too old.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import aiohttp
import kopf

from daskflow.controller.kubernetes.bounded_reads import read_all, read_lines
from daskflow.controller.kubernetes.kinds import CUSTOM, DASK_KUBERNETES, KINDS
from daskflow.controller.kubernetes.objects import event_from, page_from
from daskflow.controller.kubernetes.verbs import GONE
from daskflow.plan.model import Object

log = logging.getLogger(__name__)

_KINDS = {(KINDS[kind].group, KINDS[kind].plural): kind for kind in (*CUSTOM, *DASK_KUBERNETES)}
_IDENTITY = ("namespace", "name", "uid", "resourceVersion")
_MOST_SECONDS = 30.0
"""Of what a Retry-After asks for."""
UNKNOWN_SECONDS = 30.0
"""For so long a 401 is taken for that of an API server that has just begun; then kopf logs in again."""
_GONE = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": GONE}
"""After which kopf lists anew."""


class WaitingObjects:
    """By uid: the newest state that came and has not been asked for.

    `heard` is called with each kind of which a page of a list has come, or whose watch has begun or said
    something; `known` says of a state whether it, or a newer one, is known already.
    """

    def __init__(
        self,
        heard: Callable[[str], None] = lambda kind: None,
        known: Callable[[Object], bool] = lambda body: False,
    ) -> None:
        self.heard = heard
        self.known = known
        self._waiting: dict[str, Object] = {}

    def keep(self, body: Object) -> dict[str, Any]:
        """Keep an object; answers what kopf is told of it."""
        meta = body["metadata"]
        self._waiting[meta["uid"]] = body
        return short(body)

    def take(self, uid: str) -> Object | None:
        """The object, unless it has been taken with an earlier event."""
        return self._waiting.pop(uid, None)


def short(body: Object) -> dict[str, Any]:
    """As much of an object as says which it is."""
    meta = {name: body["metadata"][name] for name in _IDENTITY if name in body["metadata"]}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": meta}


def bookmark(body: Object) -> dict[str, Any]:
    """How far a watch is, as API servers say it."""
    version = body["metadata"]["resourceVersion"]
    return {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "metadata": {"resourceVersion": version},
    }


async def logged_in(waiting: WaitingObjects, **arguments: Any) -> kopf.AiohttpSession | None:
    """For `kopf.on.login`, with its arguments."""
    # Not kopf's default: with the kubernetes package installed it goes through its sync client.
    info = None
    if not os.environ.get("KUBECONFIG"):
        info = kopf.login_with_service_account(**arguments)
    info = info or kopf.login_with_kubeconfig(**arguments)
    if info is None:
        return None
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=info.as_ssl_context()),
        headers=info.as_http_headers(),
        proxy=info.proxy_url,
        trust_env=info.trust_env,
        response_class=_responses(waiting),
    )
    return kopf.AiohttpSession(
        server=info.server,
        aiohttp_session=session,
        default_namespace=info.default_namespace,
        expiration=info.expiration,
    )


class _Unknown:
    """Since when the API server has not known who asks."""

    def __init__(self) -> None:
        self._since: float | None = None

    def passes(self, status: int, now: float) -> bool:
        """Whether an answer of this status may be another one soon."""
        if status != 401:
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since < UNKNOWN_SECONDS


def _responses(waiting: WaitingObjects) -> type[aiohttp.ClientResponse]:
    unknown = _Unknown()

    class Response(aiohttp.ClientResponse):
        """Of a custom resource's list or watch: a short one. Any other is as it is."""

        @property
        def _kind(self) -> str | None:
            _, _, listed = self.url.path.rstrip("/").partition("/apis/")
            group, _, rest = listed.partition("/")
            return _KINDS.get((group, rest.rpartition("/")[2]))

        async def start(self, connection: Any) -> aiohttp.ClientResponse:
            await super().start(connection)
            await self._refused()
            if self._kind is not None and self.status == 200 and "watch" in self.url.query:
                waiting.heard(self._kind)
                self.content = _Short(self.content, self._kind, waiting)  # type: ignore[assignment]
            return self

        async def _refused(self) -> None:
            """Raises what kopf tries again after, where only time can help."""
            passes = unknown.passes(self.status, asyncio.get_running_loop().time())
            if passes or self.status == 429 or self.status >= 500:
                wish = self.headers.get("Retry-After", "")
                await asyncio.sleep(min(float(wish) if wish.isdigit() else 0.0, _MOST_SECONDS))
                raise aiohttp.ClientConnectionError(f"answered {self.status}")
            if self._kind is None or self.status != GONE:
                return
            if "watch" not in self.url.query:
                raise aiohttp.ClientPayloadError(f"a list of {self._kind} is too old")
            self.status = 200
            self.content = _Gone(self.content, self._kind, waiting)  # type: ignore[assignment]

        async def json(self, **options: Any) -> Any:
            if self._kind is None or self.status != 200 or "watch" in self.url.query:
                return await super().json(**options)
            waiting.heard(self._kind)
            text = await read_all(self.content, sys.maxsize)
            try:
                found = page_from(text, self._kind)
            except ValueError as error:
                raise aiohttp.ClientPayloadError(f"a list of {self._kind} is none: {error}") from error
            meta = {"resourceVersion": found.version, "continue": found.token}
            return {"metadata": meta, "items": [waiting.keep(body) for body in found.items]}

    return Response


class _Short:
    """A reader whose lines are short ones, chunk by chunk as kopf asks for them."""

    def __init__(self, content: aiohttp.StreamReader, kind: str, waiting: WaitingObjects) -> None:
        self._content = content
        self._kind = kind
        self._waiting = waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)

    async def iter_chunked(self, size: int) -> AsyncGenerator[bytes, None]:
        async with aclosing(read_lines(self._content)) as told:
            async for line in told:
                yield self._line(line) + b"\n"

    def _line(self, line: bytes) -> bytes:
        self._waiting.heard(self._kind)
        try:
            type_, body = event_from(line, self._kind)
        except ValueError as error:
            # What was said is found again by the lists of `watch`.
            log.warning("a watch of %s said what is no event: %s", self._kind, error)
            return b""
        if type_ in ("ADDED", "MODIFIED"):
            if self._waiting.known(body):
                type_, body = "BOOKMARK", bookmark(body)
            else:
                body = self._waiting.keep(body)
        elif type_ == "ERROR":
            if body.get("code") != GONE:
                log.warning("a watch of %s failed: %s", self._kind, body.get("message") or body)
            body = _GONE
        else:
            body = short(body)
        return json.dumps({"type": type_, "object": body}).encode()


class _Gone(_Short):
    """What a watch says that is answered with 410."""

    async def iter_chunked(self, size: int) -> AsyncGenerator[bytes, None]:
        yield json.dumps({"type": "ERROR", "object": _GONE}).encode() + b"\n"
