"""What happens to objects, as it happens: a list, then a watch that goes on whatever interrupts it."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal, NamedTuple

from daskflow.client.connection import Connection, Object
from daskflow.client.errors import DaskflowError, Refused, ServerFailed

if TYPE_CHECKING:
    import httpx

BOOKMARK_SECONDS = 60.0
"""API servers send a bookmark about each minute; a watch that is silent for twice as long is dead."""
PATIENCE_SECONDS = 300.0
"""How long a server that cannot be reached is tried before a watch gives up."""
SHORTEST_SECONDS = 0.5
"""From one watch to the next."""
GONE = 410
"""The HTTP status of a resourceVersion that the server has forgotten."""


Heard = Callable[[DaskflowError | None], None]
"""Is told each time that the server does not answer, and with None each time that it does again."""


class Event(NamedTuple):
    """What became of an object. One that comes again unchanged after an interruption is MODIFIED."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object


class _Forgotten(Exception):
    """The watch cannot go on from where it was."""


async def watch(
    connection: Connection,
    kind: str,
    namespace: str | None = None,
    *,
    selector: str = "",
    fields: str = "",
    heard: Heard = lambda _: None,
) -> AsyncGenerator[Event, None]:
    """All objects that are there, then all that happens to them, for ever.

    What was missed while the server was away is found by another list. Raises the errors of a connection;
    a server may stay away for PATIENCE_SECONDS.
    """
    async with aclosing(_Watch(connection, kind, namespace, selector, fields).events(heard)) as events:
        async for event in events:
            yield event


class _Watch:
    def __init__(
        self, connection: Connection, kind: str, namespace: str | None, selector: str, fields: str
    ) -> None:
        self._connection, self._kind, self._namespace = connection, kind, namespace
        self._selector, self._fields = selector, fields
        self._known: dict[str, Object] = {}
        """By uid, the metadata alone."""
        self._version = ""

    async def events(self, heard: Heard) -> AsyncGenerator[Event, None]:
        from tenacity import (
            AsyncRetrying,
            RetryCallState,
            retry_if_exception_type,
            stop_after_delay,
            wait_random_exponential,
        )

        from daskflow.client.api_server import Unreachable

        def unanswered(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            heard(error if isinstance(error, DaskflowError) else None)

        while True:
            tries = AsyncRetrying(
                stop=stop_after_delay(PATIENCE_SECONDS),
                wait=wait_random_exponential(0.2, 10),
                retry=retry_if_exception_type((Unreachable, ServerFailed)),
                before_sleep=unanswered,
                reraise=True,
            )
            # Only what leads to a first answer is counted; after it the patience is whole again.
            async for attempt in tries:
                with attempt:
                    batches = self._batches()
                    first: list[Event] = await anext(batches, [])
            begun = time.monotonic()
            heard(None)
            try:
                for event in first:
                    yield event
                async for batch in batches:
                    for event in batch:
                        yield event
            except (Unreachable, ServerFailed):
                pass
            finally:
                await batches.aclose()
            # A server or proxy that ends each watch at once is not asked as fast as it can answer.
            await asyncio.sleep(max(0.0, SHORTEST_SECONDS - (time.monotonic() - begun)))

    async def _batches(self) -> "AsyncGenerator[list[Event], None]":
        """A list's, if there must be one, then each line's, until the server ends the watch."""
        try:
            if not self._version:
                yield await self._listed()
            async with aclosing(self._told()) as batches:
                async for batch in batches:
                    yield batch
        except _Forgotten:
            self._version = ""
        except Refused as error:
            if error.status != GONE:
                raise
            self._version = ""

    async def _told(self) -> "AsyncGenerator[list[Event], None]":
        """Nothing once the server has answered, then each line's."""
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "labelSelector": self._selector,
            "fieldSelector": self._fields,
        }
        async with self._connection.open(
            "GET", self._kind, "", self._namespace, query=query, stream=True, timeout=_timeouts()
        ) as answer:
            yield []
            async for line in answer.aiter_lines():
                try:
                    told = json.loads(line)
                except ValueError as error:
                    raise ServerFailed("a watch ended in the middle of a line; try again") from error
                yield self._read(told)

    async def _listed(self) -> list[Event]:
        found: dict[str, Object] = {}
        version = ""
        pages = self._connection.pages(
            self._kind, self._namespace, selector=self._selector, fields=self._fields
        )
        async for page in pages:
            found.update({item["metadata"]["uid"]: item for item in page["items"]})
            version = page["metadata"]["resourceVersion"]
        gone = [Event("DELETED", item) for uid, item in self._known.items() if uid not in found]
        there = [Event("MODIFIED" if uid in self._known else "ADDED", item) for uid, item in found.items()]
        self._known = {uid: {"metadata": item["metadata"]} for uid, item in found.items()}
        self._version = version
        return [*gone, *there]

    def _read(self, line: Object) -> list[Event]:
        kind, item = line["type"], line["object"]
        if kind == "ERROR":
            if item.get("code") == GONE:
                raise _Forgotten
            raise ServerFailed(f"the API server ended a watch: {item.get('message')}; try again")
        self._version = item["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return []
        uid = item["metadata"]["uid"]
        if kind == "DELETED":
            self._known.pop(uid, None)
        else:
            self._known[uid] = {"metadata": item["metadata"]}
        return [Event(kind, item)]


def _timeouts() -> "httpx.Timeout":
    import httpx

    from daskflow.client.api_server import CONNECT_SECONDS

    return httpx.Timeout(2 * BOOKMARK_SECONDS, connect=CONNECT_SECONDS)
