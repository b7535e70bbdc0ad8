"""kopf's part: it watches the custom resources and fills the cache; it never writes to them.

Only `on.event` handlers: kopf's change-detecting handlers, timers and daemons would put finalizers and
copies of the spec onto users' objects, and hang their deletion while the operator is down. kopf does not
retry `on.event` handlers and need not: retries belong to the queue, and what a watch misses to the lists in
`watch`.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

import kopf

from daskflow.controller.kubernetes.kinds import CUSTOM, KINDS
from daskflow.controller.kubernetes.kopf_session import WaitingObjects, logged_in
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.controller.kubernetes.watch import Cache
from daskflow.plan.model import Object


async def watch(
    cache: Cache,
    namespaces: tuple[str, ...],
    stop: asyncio.Event,
    spawned: Callable[[], None],
    heard: Callable[[str], None] = lambda kind: None,
    kinds: Collection[str] = CUSTOM,
) -> None:
    """kopf's tasks for these kinds, as one: ends when `stop` is set, or raises what made kopf give up.

    `namespaces`: none for all. `spawned` is called when kopf has put its own handlers of signals in place of
    those that were there, and would be the first to stop; `heard` with each kind of which a page of a list
    has come, or whose watch has begun or said something.
    """
    # kopf asks for the user's name to name itself, and the image's numeric user has none.
    os.environ.setdefault("LOGNAME", "daskflow")
    tasks = await kopf.spawn_tasks(
        registry=registry(cache, heard, kinds),
        settings=settings(),
        clusterwide=not namespaces,
        namespaces=namespaces,
        standalone=True,
        stop_flag=stop,
    )
    spawned()
    await kopf.run_tasks(tasks, ignored=_AllTasks())


def registry(
    cache: Cache, heard: Callable[[str], None] = lambda kind: None, kinds: Collection[str] = CUSTOM
) -> kopf.OperatorRegistry:
    """The handlers, for `kopf.spawn_tasks`."""
    handlers = kopf.OperatorRegistry()
    waiting = WaitingObjects(heard, partial(_known, cache))
    kopf.on.login(registry=handlers, id="log-in")(partial(logged_in, waiting))

    async def take(event: kopf.RawEvent, **_: Any) -> None:
        told: dict[str, Any] = dict(event["object"])
        body = waiting.take(told["metadata"]["uid"])
        if event["type"] == "DELETED":
            cache.remove(key_of(told), told["metadata"]["uid"])
        elif body is not None:  # ADDED, MODIFIED, or None for what was there at the start
            cache.put(body)

    for kind in kinds:
        where = KINDS[kind]
        kopf.on.event(where.group, where.version, where.plural, registry=handlers, id=f"watch-{kind}")(take)
    return handlers


def _known(cache: Cache, body: Object) -> bool:
    """Whether the cache has this state of an object, or a newer one, as the answer to a write of ours."""
    there, meta = cache.get(key_of(body)), body["metadata"]
    if there is None or there["metadata"]["uid"] != meta["uid"]:
        return False
    return int(there["metadata"]["resourceVersion"]) >= int(meta["resourceVersion"])


def settings() -> kopf.OperatorSettings:
    """kopf with everything off that it can do and we do not want."""
    chosen = kopf.OperatorSettings()
    chosen.posting.enabled = False
    chosen.peering.standalone = True
    chosen.scanning.disabled = True
    chosen.watching.inactivity_timeout = 100.0
    chosen.watching.connect_timeout = 10.0
    chosen.watching.chunk_size = 20  # of 1.5 MB at most, usually
    # Between two lists, as when every watch is answered with 410; kopf's own 0.1 s is a busy loop.
    chosen.watching.reconnect_backoff = 1.0
    chosen.networking.request_timeout = 60.0
    # A worker here only puts an object into a dict; kopf's default keeps its task for 5 s afterwards.
    chosen.queueing.idle_timeout = 0.5
    chosen.queueing.exit_timeout = 0.5
    chosen.persistence.consistency_timeout = 0.0
    chosen.persistence.diffbase_storage = _NoDiffs()
    chosen.persistence.progress_storage = _NoProgress()
    return chosen


class _AllTasks(Collection[asyncio.Task[Any]]):
    """Every task there is: when kopf ends, it waits for and then cancels all that it is not told to ignore.

    Its own have ended by then, since they are children of those that `run_tasks` was given.
    """

    def __contains__(self, task: object) -> bool:
        return True

    def __iter__(self) -> Iterator[asyncio.Task[Any]]:
        return iter(asyncio.all_tasks())

    def __len__(self) -> int:
        return len(asyncio.all_tasks())


class _NoDiffs(kopf.DiffBaseStorage):
    """No handler asks what changed; kopf would copy every object to be able to say it."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, *, body: kopf.Body) -> None:
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """There is nothing to remember."""


class _NoProgress(kopf.ProgressStorage):
    """No handler is retried by kopf, so none has progress to keep."""

    def fetch(self, *, key: Any, body: kopf.Body) -> None:
        return None

    def store(self, *, key: Any, record: Any, body: kopf.Body, patch: kopf.Patch) -> None:
        """There is nothing to remember."""

    def purge(self, *, key: Any, body: kopf.Body, patch: kopf.Patch) -> None:
        """There is nothing to forget."""

    def touch(self, *, body: kopf.Body, patch: kopf.Patch, value: str | None) -> None:
        """Nobody waits for a sign of life on the object."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        return essence
