"""A cluster in memory: what watches tell, and what is asked of it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from daskflow.api.names import FLOW_RUN, LABEL_ATTEMPT, LABEL_COMPONENT, LABEL_RUN
from daskflow.cli.ui.source import KINDS, Key, Source
from daskflow.client.connection import ALL, Connection, Object
from daskflow.client.errors import DaskflowError
from daskflow.client.kubeconfig import Access
from daskflow.client.watching import Event, Heard

NOW = datetime.now(UTC).replace(microsecond=0)


def at(seconds_ago: float) -> str:
    """A timestamp of the past, or of the future."""
    return (NOW - timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ended(NamedTuple):
    """How a watch ends."""

    error: DaskflowError


class World:
    """Objects by kind. `refuse` says what a user may not watch."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[Key, Object]] = {kind: {} for kind in KINDS}
        self.refuse: dict[tuple[str, str], DaskflowError] = {}
        """By kind and namespace."""
        self.asked: list[tuple[Any, ...]] = []
        """Watches and writes."""
        self.connections = 0
        """Made so far."""
        self.beside: dict[str, list[Object]] = {"Pod": [], "Event": [], FLOW_RUN: []}
        """What is listed when it is asked for."""
        self.logs: dict[str, Log] = {}
        """By the pod's name."""
        self._listeners: list[tuple[str, str, asyncio.Queue[Event | Ended | DaskflowError]]] = []

    def source(self, *namespaces: str) -> Source:
        return Source(lambda: Known(self), namespaces, watch=self.watch)

    async def watch(
        self, connection: Connection, kind: str, namespace: str, heard: Heard
    ) -> AsyncGenerator[Event, None]:
        self.asked.append(("watch", kind, namespace))
        if error := self.refuse.get((kind, namespace)):
            raise error
        queue: asyncio.Queue[Event | Ended | DaskflowError] = asyncio.Queue()
        entry = (kind, namespace, queue)
        self._listeners.append(entry)
        try:
            heard(None)
            for item in list(self.objects[kind].values()):
                if namespace in (ALL, item["metadata"]["namespace"]):
                    yield Event("ADDED", json.loads(json.dumps(item)))
            away = False
            while True:
                event = await queue.get()
                if isinstance(event, Ended):
                    raise event.error
                if isinstance(event, DaskflowError):
                    away = True
                    heard(event)
                    continue
                if away:
                    heard(None)
                    away = False
                yield event
        finally:
            self._listeners.remove(entry)

    def put(self, kind: str, item: Object) -> None:
        """A new object, or one that has changed."""
        self.objects[kind][_key(item)] = item
        self._tell(kind, item, Event("MODIFIED", json.loads(json.dumps(item))))

    def remove(self, kind: str, item: Object) -> None:
        del self.objects[kind][_key(item)]
        self._tell(kind, item, Event("DELETED", item))

    def away(self, error: DaskflowError) -> None:
        """The server does not answer, until the next event."""
        for _, _, queue in self._listeners:
            queue.put_nowait(error)

    def end(self, error: DaskflowError) -> None:
        """All watches end by this."""
        for _, _, queue in self._listeners:
            queue.put_nowait(Ended(error))

    def _tell(self, kind: str, item: Object, event: Event) -> None:
        for of, namespace, queue in self._listeners:
            if of == kind and namespace in (ALL, item["metadata"]["namespace"]):
                queue.put_nowait(event)


class Log:
    """What a container prints."""

    def __init__(self, *lines: str, over: bool = False) -> None:
        self.lines, self.over = list(lines), over
        self._news = asyncio.Event()

    def print(self, *lines: str, over: bool = False) -> None:
        self.lines += lines
        self.over = over
        self._news.set()
        self._news = asyncio.Event()

    async def follow(self, tail: int) -> AsyncIterator[str]:
        at = max(0, len(self.lines) - tail)
        while True:
            while at < len(self.lines):
                yield f"2026-11-27T00:00:00.{at:09}Z {self.lines[at]}"
                at += 1
            if self.over:
                return
            await self._news.wait()


class Answer:
    """To a request for a log, or for a watch that tells of nothing."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self.aiter_lines = lambda: lines


async def _silence() -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""


class Known(Connection):
    """A connection whose writes are noted, and happen."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        world.connections += 1
        self.access = Access("team", "here", "https://example.test", {})

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object:
        return next(each for each in self._world.beside[kind] if _key(each) == (namespace, name))

    async def list(self, kind: str, namespace: str | None = None, **query: Any) -> list[Object]:
        self._world.asked.append(("list", kind, namespace))
        wanted = [part.split("=") for part in query.get("selector", "").split(",") if part]
        return [
            each
            for each in self._world.beside[kind]
            if namespace in (ALL, each["metadata"]["namespace"])
            and all((each["metadata"].get("labels") or {}).get(label) == value for label, value in wanted)
        ]

    async def pages(self, kind: str, namespace: str | None = None, **query: Any) -> AsyncIterator[Object]:
        yield {"metadata": {"resourceVersion": "1"}, "items": await self.list(kind, namespace, **query)}

    @asynccontextmanager
    async def open(
        self, method: str, kind: str, name: str = "", namespace: str | None = None, **request: Any
    ) -> AsyncIterator[Any]:
        self._world.asked.append(("open", kind, name))
        query = request["query"]
        yield Answer(self._world.logs[name].follow(query["tailLines"]) if name else _silence())

    async def patch(self, kind: str, name: str, change: Object, namespace: str | None = None) -> Object:
        self._world.asked.append(("patch", kind, namespace, name, change))
        found = self._world.objects[kind][namespace or "", name]
        changed = {**found, "spec": {**found["spec"], **change["spec"]}}
        self._world.put(kind, changed)
        return changed

    async def create(
        self, kind: str, content: Object, namespace: str | None = None, *, dry_run: bool = False
    ) -> Object:
        self._world.asked.append(("create", kind, namespace, content))
        made = run(content["metadata"]["name"], namespace or "team", spec=content["spec"])
        self._world.put(kind, made)
        return made


def _key(item: Object) -> Key:
    return item["metadata"]["namespace"], item["metadata"]["name"]


def run(
    name: str,
    namespace: str = "team",
    phase: str = "",
    *,
    age: float = 60,
    spec: Mapping[str, Any] | None = None,
    **status: Any,
) -> Object:
    """A FlowRun with this status."""
    return {
        "metadata": _metadata(name, namespace, age),
        "spec": {"image": "flows:1", "flow": {"entrypoint": "etl.py:flow"}, **(spec or {})},
        "status": {**({"phase": phase} if phase else {}), **status},
    }


def cluster(
    name: str,
    namespace: str = "team",
    phase: str = "Ready",
    *,
    age: float = 60,
    spec: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **status: Any,
) -> Object:
    """A DaskCluster."""
    return {
        "metadata": {**_metadata(name, namespace, age), "labels": dict(labels or {})},
        "spec": {"image": "flows:1", **(spec or {})},
        "status": {"phase": phase, **status},
    }


def schedule(
    name: str, namespace: str = "team", *, age: float = 60, spec: Any = None, **status: Any
) -> Object:
    """A FlowSchedule."""
    template = {"spec": {"image": "flows:1", "flow": {"entrypoint": "etl.py:flow"}}}
    return {
        "metadata": _metadata(name, namespace, age),
        "spec": {"cron": "0 2 * * *", "template": template, **(spec or {})},
        "status": status,
    }


def pod(
    name: str,
    component: str,
    of: str,
    namespace: str = "team",
    *,
    attempt: int = 1,
    age: float = 60,
    ended: float | None = None,
) -> Object:
    """A pod of a run, which runs, or ended so many seconds ago."""
    labels = {LABEL_RUN: of, LABEL_COMPONENT: component, LABEL_ATTEMPT: str(attempt)}
    state = (
        {"terminated": {"exitCode": 0, "startedAt": at(age), "finishedAt": at(ended)}}
        if ended is not None
        else {"running": {"startedAt": at(age - 3)}}
    )
    return {
        "metadata": {**_metadata(name, namespace, age), "labels": labels},
        "spec": {"nodeName": "node-1"},
        "status": {
            "phase": "Running" if ended is None else "Succeeded",
            "startTime": at(age - 1),
            "conditions": [
                {"type": "PodScheduled", "status": "True", "lastTransitionTime": at(age)},
                {"type": "Ready", "status": "True", "lastTransitionTime": at(age - 3)},
            ],
            "containerStatuses": [{"name": component, "state": state}],
        },
    }


def _metadata(name: str, namespace: str, age: float) -> Object:
    return {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-{namespace}-{name}",
        "creationTimestamp": at(age),
        "managedFields": [{"manager": "x"}],
    }


def names(items: Sequence[Object]) -> list[str]:
    return [item["metadata"]["name"] for item in items]
