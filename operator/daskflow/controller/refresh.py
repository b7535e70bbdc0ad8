"""Makes sure that what is known of children is not older than the status that speaks of them.

Watches of different kinds lag each other. Normally that does no harm: every status is our own, written
after the answers to our creates had reached the store. But when another process wrote it (the leader before
us, one that was frozen and woke, or we ourselves before a restart), a status may say "the scheduler is
there" while our watch of pods has not told of it yet; taking it for lost would end a healthy attempt, and
taking an attempt's pods for gone would start the next one beside it. A list that begins after the status
was seen is newer than all that its writer knew.
"""

import asyncio
import logging
from collections.abc import Sequence

from daskflow.api.names import DASK_CLUSTER
from daskflow.controller.api import Api, ApiError
from daskflow.controller.kinds import CHILDREN, OURS
from daskflow.controller.store import Store
from daskflow.controller.watch import bring_up_to_date
from daskflow.plan.model import Key

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0


class Refresher:
    """Lists what plans draw conclusions from the absence of: DaskClusters first, then what these own."""

    def __init__(self, api: Api, store: Store, namespaces: Sequence[str | None] = (None,)) -> None:
        self._api = api
        self._store = store
        self._namespaces = namespaces
        self._next: dict[str | None, asyncio.Task[None]] = {}
        self._locks: dict[str | None, asyncio.Lock] = {}

    async def everything(self) -> None:
        """At the start, when each kind has been listed once, in any order. Tries until it succeeds."""
        while True:
            self._store.trust()
            try:
                await asyncio.gather(*(self._list(namespace) for namespace in self._namespaces))
                return
            except ApiError as error:
                log.warning("first list of children: %s; again in %.0f s", error, AGAIN_SECONDS)
                await asyncio.sleep(AGAIN_SECONDS)

    async def certainty(self, key: Key) -> None:
        """Before a plan is made for a key that is unsure. Raises ApiError; the key then stays unsure."""
        self._store.trust(key)
        try:
            # All who wait for a list that has not begun yet share it: when leaders change they are many.
            if key.namespace not in self._next:
                self._next[key.namespace] = asyncio.create_task(self._in_turn(key.namespace))
            await asyncio.shield(self._next[key.namespace])
        except BaseException:
            self._store.doubt(key)
            raise

    async def _in_turn(self, namespace: str) -> None:
        async with self._locks.setdefault(namespace, asyncio.Lock()):
            del self._next[namespace]
            await self._list(namespace)

    async def _list(self, namespace: str | None) -> None:
        await bring_up_to_date(self._api, self._store, DASK_CLUSTER, namespace)
        await asyncio.gather(
            *(bring_up_to_date(self._api, self._store, kind, namespace, OURS) for kind in CHILDREN)
        )
