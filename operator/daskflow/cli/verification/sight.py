"""What happens in a namespace, as it happens, kept by check: the side that waits."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.cli.verification.check import Moment
from daskflow.cli.verification.observed import Facts, Observed, Sighting
from daskflow.client.connection import Connection
from daskflow.client.errors import Forbidden
from daskflow.client.watching import Event, watch

WATCHED = (FLOW_RUN, DASK_CLUSTER, FLOW_SCHEDULE, CLUSTER_POOL, "Pod", "Event")
AGAIN_SECONDS = 0.5
"""How often a moment is looked at that may come by the clock alone."""
_Histories = dict[str, dict[str, list[Sighting]]]


class Sight:
    """All watches of one namespace."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection, self._namespace = connection, namespace
        self._kept: dict[str, _Histories] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Sight":
        self._tasks = [asyncio.create_task(self._follow(kind)) for kind in WATCHED]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def histories(self, slug: str) -> Mapping[str, Mapping[str, Sequence[Sighting]]]:
        """What was seen of a check's objects."""
        return self._kept.get(slug, {})

    def forget(self, slug: str) -> None:
        """Of a check that is over."""
        self._kept.pop(slug, None)
        self._changed.pop(slug, None)

    def failed(self) -> BaseException | None:
        """Why nothing more is seen, if so."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and task.exception():
                return task.exception()
        return None

    async def changed(self, slug: str, seconds: float) -> None:
        """Until something happens to one of its objects, or so long."""
        event = self._changed.setdefault(slug, asyncio.Event())
        event.clear()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(event.wait(), max(0.0, min(seconds, AGAIN_SECONDS)))

    async def _follow(self, kind: str) -> None:
        try:
            async for event in watch(self._connection, kind, self._namespace):
                self._take(kind, event)
        except Forbidden:
            if kind != "Event":
                raise

    def _take(self, kind: str, event: Event) -> None:
        item = event.object
        about = item["involvedObject"] if kind == "Event" else item["metadata"]
        slug = str(about.get("name") or "").partition("-")[0]
        item["metadata"].pop("managedFields", None)
        history = self._kept.setdefault(slug, {}).setdefault(kind, {}).setdefault(item["metadata"]["uid"], [])
        history.append(Sighting(item, event.type == "DELETED"))
        if slug in self._changed:
            self._changed[slug].set()


class Seeing:
    """One check's part of it."""

    def __init__(self, sight: Sight, slug: str, facts: Facts) -> None:
        self._sight, self._slug = sight, slug
        self._own = Observed(slug, facts, datetime.now(timezone.utc))

    @property
    def now(self) -> Observed:
        """All that is known at this moment."""
        histories = self._sight.histories(self._slug)
        return replace(self._own, now=datetime.now(timezone.utc), histories=histories)

    def know(self, **fields: Any) -> None:
        """Logs that were read, or objects that were listed."""
        self._own = replace(self._own, **fields)

    async def until(self, moment: Moment, seconds: float) -> bool:
        """Whether it came in so many seconds. Raises what ended a watch."""
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        while not moment.here(self.now):
            if error := self._sight.failed():
                raise error
            if (left := due - loop.time()) <= 0:
                return False
            await self._sight.changed(self._slug, left)
        return True

    async def stays(self, moment: Moment, seconds: float) -> bool:
        """Whether it held for so long."""
        return not await self.until(Moment("", lambda seen: not moment.here(seen)), seconds)
