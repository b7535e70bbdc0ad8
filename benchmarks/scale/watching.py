"""What the API server tells of a kind, as little of it as is needed: what looks on is to cost little."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec
from daskflow.controller.kubernetes.kinds import KINDS

from tests.fire.proxy import lines
from tests.fire.upstream import Refused, Upstream


class _Meta(msgspec.Struct):
    name: str = ""
    uid: str = ""
    labels: dict[str, str] = {}
    resource_version: str = msgspec.field(default="", name="resourceVersion")


class _Status(msgspec.Struct):
    phase: str = ""
    state: str = ""
    conditions: list[dict[str, Any]] = []


class Seen(msgspec.Struct):
    """An object as far as moments rest on it."""

    metadata: _Meta
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def ready(self) -> bool:
        """Whether its condition of that name holds."""
        return any(each["type"] == "Ready" and each["status"] == "True" for each in self.status.conditions)


class _Event(msgspec.Struct):
    type: str
    object: Seen


_event = msgspec.json.Decoder(_Event).decode
Hear = Callable[[str, Seen], None]


async def watch(upstream: Upstream, path: str, hear: Hear) -> None:
    """Until cancelled: ADDED, MODIFIED and DELETED of a collection, from its beginning on."""
    version = "0"
    while True:
        query = {"watch": "1", "allowWatchBookmarks": "true", "resourceVersion": version}
        try:
            async with upstream.session.get(upstream.url + path, params=query) as answer:
                if answer.status in (404, 429, 503):  # of a definition that is new, or a server that is busy
                    await asyncio.sleep(0.2)
                    continue
                if answer.status != 200:
                    raise Refused(answer.status, await answer.text())
                async for line in lines(answer):
                    event = _event(line)
                    if event.type == "ERROR":
                        raise RuntimeError(f"the watch of {path} cannot go on: {line[:300]!r}")
                    version = event.object.metadata.resource_version
                    if event.type != "BOOKMARK":
                        hear(event.type, event.object)
        except aiohttp.ClientError:
            await asyncio.sleep(0.2)


def collection(kind: str, namespace: str) -> str:
    """The path of one of the kinds that the operator knows."""
    return KINDS[kind].path(namespace)
