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
from collections.abc import Callable, Collection, Sequence

from daskflow.api.dask_kubernetes.names import AUTOSCALER
from daskflow.api.names import CLUSTER_POOL, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.kinds import CHILDREN, CUSTOM, OURS
from daskflow.controller.kubernetes.verbs import Api, ApiError, controller_of
from daskflow.controller.kubernetes.watch import bring_up_to_date
from daskflow.plan.hand_edits import named_pod
from daskflow.plan.model import Key

log = logging.getLogger(__name__)

AGAIN_SECONDS = 2.0


class Refresher:
    """Lists what plans draw conclusions from the absence of: owners first, then what these own.

    For schedules these are FlowRuns, for all else DaskClusters, pods and Services, and what has pods of the
    kinds of dask-kubernetes, where `kinds` has those. `heard` is called at each
    page of a list with each key that waits for one: lists of thousands take minutes where a server is slow.
    """

    def __init__(
        self,
        api: Api,
        store: Store,
        namespaces: Sequence[str | None] = (None,),
        heard: Callable[[Key], None] = lambda key: None,
        kinds: Collection[str] = CUSTOM,
    ) -> None:
        self._api = api
        self._store = store
        self._namespaces = namespaces
        self._heard = heard
        runless = (FLOW_RUN, FLOW_SCHEDULE, CLUSTER_POOL, AUTOSCALER)
        self._owners = tuple(kind for kind in kinds if kind not in runless)
        self._waiting: dict[tuple[str | None, bool], set[Key]] = {}
        self._next: dict[tuple[str | None, bool], asyncio.Task[None]] = {}
        self.lists: set[asyncio.Task[None]] = set()
        """Those that are under way or to begin: they go on when nobody waits for them any more."""
        self._locks: dict[tuple[str | None, bool], asyncio.Lock] = {}
        """All by namespace, and whether it is for schedules."""

    async def refresh_all(self) -> None:
        """At the start, when each kind has been listed once, in any order. Tries until it succeeds."""
        while True:
            self._store.foreign.list_begins()
            try:
                if self._store.count(FLOW_SCHEDULE):
                    await asyncio.gather(*(self._list(namespace, True) for namespace in self._namespaces))
                await asyncio.gather(*(self._list(namespace, False) for namespace in self._namespaces))
                for key in self._store.custom():
                    await self._get_named_pod(key)
                self._store.foreign.listed()
                return
            except ApiError as error:
                log.warning("first list of children: %s; again in %.0f s", error, AGAIN_SECONDS)
                await asyncio.sleep(AGAIN_SECONDS)

    async def refresh(self, key: Key) -> None:
        """Before a plan is made for a key that needs a list. It still needs one after an ApiError, raised."""
        self._store.foreign.list_begins(key)
        what = key.namespace, key.kind == FLOW_SCHEDULE
        waiting = self._waiting.setdefault(what, set())
        waiting.add(key)
        try:
            # All who wait for a list that has not begun yet share it: when leaders change they are many.
            if what not in self._next:
                self._next[what] = task = asyncio.create_task(self._list_in_turn(*what))
                self.lists.add(task)
                task.add_done_callback(self.lists.discard)
            await asyncio.shield(self._next[what])
            await self._get_named_pod(key)
            self._store.foreign.listed(key)
        except BaseException:
            self._store.foreign.require_list(key)
            raise
        finally:
            waiting.discard(key)

    async def _get_named_pod(self, key: Key) -> None:
        """A pod that has lost our label is in no list: one that a status speaks of is asked for by name."""
        resource = self._store.get(key)
        name = None if resource is None else named_pod(resource)
        pod = Key("Pod", key.namespace, name or "")
        if resource is None or not name or self._store.get(pod) is not None:
            return
        try:
            found = await self._api.get(pod)
        except ApiError as error:
            if error.status != 404:
                raise
        else:
            if (controller_of(found) or {}).get("uid") == resource["metadata"]["uid"]:
                self._store.put(found, asked=True)

    async def _list_in_turn(self, namespace: str, schedules: bool) -> None:
        async with self._locks.setdefault((namespace, schedules), asyncio.Lock()):
            del self._next[namespace, schedules]
            await self._list(namespace, schedules)

    async def _list(self, namespace: str | None, schedules: bool) -> None:
        def heard() -> None:
            for key in self._waiting.get((namespace, schedules), ()):
                self._heard(key)

        async def up_to_date(kind: str, selector: str = "") -> None:
            await bring_up_to_date(self._api, self._store, kind, namespace, selector, heard=heard)

        if schedules:
            await up_to_date(FLOW_RUN)
            return
        for kind in self._owners:
            await up_to_date(kind)
        await asyncio.gather(*(up_to_date(kind, OURS) for kind in CHILDREN))
