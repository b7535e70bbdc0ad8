"""Writes of those who lead, and of nobody else: an API of which each write asks first.

A process that was frozen, or cut off for long, does not know it before it looks at a clock. So each write
looks, and not only whoever renews the lease.
"""

from collections.abc import AsyncGenerator, Callable

from daskflow.controller.kubernetes.verbs import TIMEOUT, Api, ApiError, Listing, WatchEvent
from daskflow.plan.model import Key, Object


class Fenced:
    """Implements `verbs.Api`. A write that is not `allowed` is not sent: ApiError, as if nobody had answered.

    `refused` is called with the verb of each.
    """

    def __init__(
        self, api: Api, allowed: Callable[[], bool], refused: Callable[[str], None] = lambda verb: None
    ) -> None:
        self._api = api
        self._allowed = allowed
        self._refused = refused

    async def get(self, key: Key) -> Object:
        return await self._api.get(key)

    def pages(
        self, kind: str, namespace: str | None = None, selector: str = "", name: str = ""
    ) -> AsyncGenerator[Listing, None]:
        return self._api.pages(kind, namespace, selector, name)

    def watch(
        self, kind: str, namespace: str | None, selector: str, version: str
    ) -> AsyncGenerator[WatchEvent, None]:
        return self._api.watch(kind, namespace, selector, version)

    async def create(self, body: Object) -> Object:
        self._ask("POST")
        return await self._api.create(body)

    async def replace_status(self, body: Object) -> Object:
        self._ask("PUT")
        return await self._api.replace_status(body)

    async def patch(
        self, key: Key, uid: str, body: Object, revision: str = "", subresource: str = ""
    ) -> Object:
        self._ask("PATCH")
        return await self._api.patch(key, uid, body, revision, subresource)

    async def delete(self, key: Key, uid: str, grace: int | None = None, revision: str = "") -> Object:
        self._ask("DELETE")
        return await self._api.delete(key, uid, grace, revision)

    def _ask(self, verb: str) -> None:
        if not self._allowed():
            self._refused(verb)
            raise ApiError(TIMEOUT, "NotLeading", "this operator does not lead, and writes nothing")
