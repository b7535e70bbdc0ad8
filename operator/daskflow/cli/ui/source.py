"""What is known of the cluster: the objects of three kinds, by one watch for each, for all tabs at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timezone

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.client.connection import ALL, Connection, Object
from daskflow.client.errors import DaskflowError, Forbidden, Unauthorized
from daskflow.client.watching import Event, Heard, watch

KINDS = (FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE)
AGAIN_SECONDS = 5.0
"""After a fault that does not pass by itself: an expired token, definitions that are not installed."""
ASK_AGAIN_SECONDS = 60.0
"""Whether what was forbidden has been allowed."""

Key = tuple[str, str]
"""Namespace and name."""
Watch = Callable[[Connection, str, str, Heard], AsyncGenerator[Event, None]]


def watched(connection: Connection, kind: str, namespace: str, heard: Heard) -> AsyncGenerator[Event, None]:
    """The client's own watch; tests have another."""
    return watch(connection, kind, namespace, heard=heard)


@dataclass(frozen=True)
class Trouble:
    """Why something is not known."""

    sentence: str
    since: datetime
    forbidden: bool = False
    """Only this part is missing, and for good."""


@dataclass
class Feed:
    """One kind."""

    objects: dict[Key, Object] = field(default_factory=dict)
    scopes: dict[str, bool] = field(default_factory=dict)
    """The namespaces that are watched (ALL: all), and whether each has been listed."""
    troubles: dict[str, Trouble] = field(default_factory=dict)
    """By namespace."""

    @property
    def listed(self) -> bool:
        """Whether all that may be seen is known, or why not."""
        return bool(self.scopes) and all(
            done or scope in self.troubles for scope, done in self.scopes.items()
        )


class Source:
    """Keeps feeds true while `run` runs. All on one event loop."""

    def __init__(
        self, connect: Callable[[], Connection], namespaces: Sequence[str] = (), *, watch: Watch = watched
    ) -> None:
        """`connect` reads the kubeconfig; `namespaces` are those to show [all, else the context's].

        Raises ConnectionFailed.
        """
        self._connect, self._namespaces, self._watch = connect, tuple(dict.fromkeys(namespaces)), watch
        self.connection = connect()
        self.context, self._home = self.connection.access.context, self.connection.namespace
        self.feeds: Mapping[str, Feed] = {kind: Feed() for kind in KINDS}
        self.version = 0
        """Grows with every change."""
        self._changed = asyncio.Event()
        self._newest: dict[str, tuple[int, list[Object]]] = {}

    async def run(self) -> None:
        """For ever; whatever goes wrong is kept as a Trouble, and tried again."""
        scopes = self._namespaces or (ALL,)
        tasks = [asyncio.ensure_future(self._follow(kind, scope)) for kind in KINDS for scope in scopes]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def after(self, version: int) -> None:
        """Until something has changed since this version."""
        while self.version == version:
            await self._changed.wait()

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object as it was last heard of."""
        return self.feeds[kind].objects.get((namespace, name))

    def newest(self, kind: str) -> list[Object]:
        """All of a kind, the newest first."""
        version, found = self._newest.get(kind, (-1, []))
        if version != self.version:
            found = sorted(self.feeds[kind].objects.values(), key=_age, reverse=True)
            self._newest[kind] = (self.version, found)
        return found

    @property
    def namespaces(self) -> list[str]:
        """Those that have anything in them."""
        return sorted({namespace for feed in self.feeds.values() for namespace, _ in feed.objects})

    @property
    def scope(self) -> tuple[str, ...]:
        """The namespaces whose runs are watched; none where it is all of them."""
        return tuple(scope for scope in self.feeds[FLOW_RUN].scopes if scope != ALL)

    def put(self, kind: str, item: Object) -> None:
        """An object that was made or changed from here, which a watch tells of in a moment."""
        self._take(kind, Event("MODIFIED", item))

    async def _follow(self, kind: str, scope: str) -> None:
        feed = self.feeds[kind]
        while True:
            feed.scopes.setdefault(scope, False)
            try:
                await self._listen(kind, scope)
            except Forbidden as error:
                if scope == ALL:
                    del feed.scopes[ALL]
                    feed.troubles.pop(ALL, None)
                    scope = self._home
                    continue
                self._trouble(kind, scope, error, forbidden=True)
                pause = ASK_AGAIN_SECONDS
            except DaskflowError as error:
                self._trouble(kind, scope, error)
                if isinstance(error, Unauthorized):
                    self._log_in_again()
                pause = AGAIN_SECONDS
            else:
                pause = AGAIN_SECONDS
            await asyncio.sleep(pause)

    async def _listen(self, kind: str, scope: str) -> None:
        """All events of one watch. Raises the errors of a connection."""
        first = True

        def heard(error: DaskflowError | None) -> None:
            nonlocal first
            if error is not None:
                self._trouble(kind, scope, error)
                return
            if first:
                # What was there before, and is not named now, has gone.
                self._forget(kind, scope)
                first = False
            self.feeds[kind].scopes[scope] = True
            self.feeds[kind].troubles.pop(scope, None)
            self._tell()

        async with aclosing(self._watch(self.connection, kind, scope, heard)) as events:
            async for event in events:
                self._take(kind, event)

    def _take(self, kind: str, event: Event) -> None:
        metadata = event.object["metadata"]
        metadata.pop("managedFields", None)
        key = metadata["namespace"], metadata["name"]
        if event.type == "DELETED":
            self.feeds[kind].objects.pop(key, None)
        else:
            self.feeds[kind].objects[key] = event.object
        self._tell()

    def _forget(self, kind: str, scope: str) -> None:
        objects = self.feeds[kind].objects
        for key in [key for key in objects if scope in (ALL, key[0])]:
            del objects[key]

    def _trouble(self, kind: str, scope: str, error: DaskflowError, *, forbidden: bool = False) -> None:
        troubles = self.feeds[kind].troubles
        since = troubles[scope].since if scope in troubles else datetime.now(timezone.utc)
        trouble = Trouble(str(error), since, forbidden)
        if troubles.get(scope) != trouble:
            troubles[scope] = trouble
            self._tell()

    def _log_in_again(self) -> None:
        """The kubeconfig may have been written anew."""
        try:
            self.connection = self._connect()
        except DaskflowError:
            return

    def _tell(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()


def _age(item: Object) -> tuple[str, str, str]:
    metadata = item["metadata"]
    return str(metadata.get("creationTimestamp") or ""), metadata["namespace"], metadata["name"]
