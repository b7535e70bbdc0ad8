"""Follows the flows that run: one long-poll of each one's scheduler, and what is new goes into the store.

Nothing depends on it. A scheduler that cannot be reached, or that talks nonsense, costs its run the numbers
in `status.progress` and nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from daskflow.api.conditions import instant
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, SCHEDULER
from daskflow.controller.api import controller_of
from daskflow.controller.control import Connection, ControlError, Listener, State
from daskflow.controller.queue import Handler
from daskflow.controller.store import Store
from daskflow.plan.model import Counts, Key
from daskflow.plan.pods import Pod

log = logging.getLogger(__name__)

REST_SECONDS = 10.0
"""From news of a run to the next question: so far apart are its status writes, at least. Also from the
flow's first line to the first question, so that short runs are never asked."""
NEWS_A_SECOND = 20.0
"""Of all runs together. Each is a status write: above 200 runs they rest for longer, each for as long."""
POLL_SECONDS = 55.0
"""How long a scheduler with no news may keep a question; it takes 60 at most."""
CONNECTIONS = 2_000
"""At once; when more runs than that want one, each gives its own up after an answer. Some 60 KB each."""
DIALS_A_SECOND = 50.0
"""Each takes 2.5 ms of CPU (keys, certificates, handshake), and a restarted operator dials every run."""
LONGEST_BACKOFF = 60.0


class Watcher(Protocol):
    """What a Connection is to us."""

    async def watch(self, since: int, wait: float) -> State:
        """See Connection."""

    def close(self) -> None:
        """See Connection."""


Dial = Callable[[Listener, bytes], Awaitable[Watcher]]


@dataclass(frozen=True)
class Followed:
    """What one task follows: when any of it changes, it is over."""

    key: Key
    uid: str
    scheduler_uid: str
    listener: Listener


class Follower:
    """`look` at each key whenever something around it has changed; the store says what is to be followed."""

    def __init__(
        self,
        store: Store,
        root_key: bytes,
        *,
        dial: Dial = Connection.dial,
        polled: Callable[[str], None] = lambda result: None,
        chance: Random | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._store = store
        self._root_key = root_key
        self._dial = dial
        self._polled = polled
        self._chance = chance if chance is not None else Random()
        self._tasks: dict[Key, tuple[Followed, asyncio.Task[None]]] = {}
        self._slots = asyncio.Semaphore(connections)
        self._waiting = 0
        self._next_dial = 0.0

    def __len__(self) -> int:
        """How many runs are followed."""
        return len(self._tasks)

    def after(self, handler: Handler) -> Handler:
        """A handler for the queue that looks at each key once the given one is through with it."""

        async def both(key: Key) -> float | None:
            try:
                return await handler(key)
            finally:
                try:
                    self.look(key)
                except Exception:
                    log.exception("progress of %s %s/%s is not followed", *key)

        return both

    def look(self, key: Key) -> None:
        """Begin, go on or cease to follow, by what the store says now."""
        if key.kind != FLOW_RUN:
            return
        wanted = _followed(self._store, key)
        known = self._tasks.get(key)
        if known is not None and known[0] != wanted:
            known[1].cancel()
            del self._tasks[key]
            known = None
        if known is None and wanted is not None:
            self._tasks[key] = (wanted, asyncio.create_task(self._follow(wanted)))

    async def stop(self) -> None:
        """Drop all connections."""
        tasks = [task for _, task in self._tasks.values()]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, run: Followed) -> None:
        """Until cancelled."""
        known = _Known()
        await asyncio.sleep(self._apart())
        while True:
            self._waiting += 1
            try:
                await self._slots.acquire()
            finally:
                self._waiting -= 1
            try:
                rest = await self._converse(run, known)
            except ControlError as error:
                log.debug("progress of %s/%s: %s", run.key.namespace, run.key.name, error)
                rest = self._backoff(known)
            except Exception:
                log.exception("progress of %s/%s", run.key.namespace, run.key.name)
                rest = self._backoff(known)
            finally:
                self._slots.release()
            await asyncio.sleep(rest)

    async def _converse(self, run: Followed, known: "_Known") -> float:
        """Ask over one connection until others want its slot. Answers in how many seconds to ask again."""
        loop = asyncio.get_running_loop()
        await self._turn_to_dial()
        connection = await self._dial(run.listener, self._root_key)
        try:
            while True:
                asked = loop.time()
                state = await connection.watch(known.version, POLL_SECONDS + 5 * self._chance.random())
                known.version, known.failures = state.version, 0
                news = self._take(run, known, state)
                self._polled("news" if news else "nothing")
                # Whoever answers at once, and says nothing, is not asked more often for it.
                rest = max(0.0, (loop.time() if news else asked) + self._apart() - loop.time())
                if self._waiting:
                    return rest
                await asyncio.sleep(rest)
        finally:
            connection.close()

    def _take(self, run: Followed, known: "_Known", state: State) -> bool:
        """Whether the store had not heard of this."""
        counts = Counts(state.done, state.total, run.scheduler_uid, state.distributed)
        if counts == known.counts or (counts.total == 0 and len(counts.distributed) < 2):
            return False
        known.counts = counts
        self._store.hear(run.key, run.uid, counts)
        return True

    async def _turn_to_dial(self) -> None:
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_dial)
        self._next_dial = at + 1 / DIALS_A_SECOND
        await asyncio.sleep(at - now)

    def _apart(self) -> float:
        """Seconds from one piece of news of a run to the next."""
        return max(REST_SECONDS, len(self._tasks) / NEWS_A_SECOND) * (1 + self._chance.random() / 10)

    def _backoff(self, known: "_Known") -> float:
        self._polled("error")
        known.failures += 1
        return float(min(LONGEST_BACKOFF, 2.0 ** min(known.failures, 10)) * (0.5 + self._chance.random() / 2))


@dataclass
class _Known:
    """What one task remembers from one answer, or failure, to the next."""

    version: int = 0
    counts: Counts | None = None
    failures: int = 0


def _followed(store: Store, key: Key) -> Followed | None:
    """What is to be followed for this run: the one scheduler that was made for its present cluster.

    Its address is that of the very pod that the cluster's status names by uid, and that the cluster controls.
    """
    run = store.get(key)
    status = (run or {}).get("status") or {}
    if run is None or status.get("phase") != "Running" or "deletionTimestamp" in run["metadata"]:
        return None
    uid = run["metadata"]["uid"]
    cluster = store.get(Key(DASK_CLUSTER, key.namespace, (status.get("cluster") or {}).get("name", "")))
    if cluster is None or (controller_of(cluster) or {}).get("uid") != uid:
        return None
    cluster_uid = cluster["metadata"]["uid"]
    made = ((cluster.get("status") or {}).get("scheduler") or {}).get("uid")
    body = next((each for each in store.owned_by(cluster_uid) if each["metadata"]["uid"] == made), None)
    if body is None:
        return None
    scheduler = Pod(body)
    ip = scheduler.status.get("podIP")
    if scheduler.component != SCHEDULER or not scheduler.started or scheduler.deleting or not ip:
        return None
    tls = ((cluster["spec"].get("security") or {}).get("tls") or {}).get("mode", "Managed") == "Managed"
    created = instant(cluster["metadata"]["creationTimestamp"])
    return Followed(key, uid, scheduler.uid, Listener(ip, cluster_uid, created, tls))
