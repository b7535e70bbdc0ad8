"""A real API server as the simulation's nodes know one: objects at hand, all news in one order.

It stands for `tests.simulation.kubernetes.api_server.Server` where pods are played beside a real control
plane: what nodes say goes out in order, object by object, and what the API server tells of all kinds is put
into one order by resourceVersion, as no single watch has it.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import aiohttp
from daskflow.api.names import LABEL_MANAGED_BY, MANAGED_BY
from daskflow.controller.kubernetes.decoding import lenient
from daskflow.controller.kubernetes.kinds import CUSTOM, KINDS
from daskflow.controller.kubernetes.verbs import controller_of, key_of
from daskflow.plan.model import Key, Object

from tests.fire.proxy import lines
from tests.fire.upstream import Refused, Upstream

FOLLOWED = (*CUSTOM, "Pod", "Service", "Secret", "NetworkPolicy")
SETTLED_SECONDS = 0.3
"""By then all watches have told of what was before: news are held back for so long."""

Change = Callable[[str, Object | None, Object], None]


class Mirror:
    """Of one namespace. `run` it; `listed` is set once all is known."""

    def __init__(self, upstream: Upstream, namespace: str) -> None:
        self.objects: dict[Key, Object] = {}
        self.changed: list[Change] = []
        self.let_go: set[str] = set()
        self.by_operator = False
        """Whether what is told of now is something that only an operator does."""
        self.listed = asyncio.Event()
        self.troubles: Counter[str] = Counter()
        """What the API server refused of all that was written, but for what was gone by then."""
        self._upstream = upstream
        self._namespace = namespace
        self._news: list[tuple[int, int, float, str, Object]] = []
        self._number = count()
        self._tails: dict[Key, asyncio.Task[None]] = {}
        self._unsaid: Counter[Key] = Counter()
        """Statuses on their way: until they are there, what is told of an object has an older one."""
        self._unlisted = set(FOLLOWED)

    # --- what nodes and users write

    def update(self, key: Key, **parts: Any) -> None:
        """A pod's status or its place, or the spec of a user's object."""
        found = self.objects.get(key)
        if found is None:
            return
        path, uid = KINDS[key.kind].path(key.namespace, key.name), found["metadata"]["uid"]
        if "status" in parts:
            self.objects[key] = {**found, "status": parts["status"]}
            self._unsaid[key] += 1
            patch = {"metadata": {"uid": uid}, "status": parts["status"]}
            self._send(key, "PATCH", f"{path}/status", patch, status=True)
        elif key.kind == "Pod":
            self.objects[key] = {**found, "spec": parts["spec"]}
            target = {"apiVersion": "v1", "kind": "Node", "name": parts["spec"]["nodeName"]}
            binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": key.name, "uid": uid}}
            self._send(key, "POST", f"{path}/binding", {**binding, "target": target})
        else:
            self._send(key, "PATCH", path, {"metadata": {"uid": uid}, "spec": parts["spec"]})

    def create(self, body: Object) -> None:
        """By a user or a flow."""
        key = key_of(body)
        self._send(key, "POST", KINDS[key.kind].path(key.namespace), body)

    def delete(self, key: Key, grace: int | None = None) -> None:
        """In the background, as kubectl does."""
        found = self.objects.get(key)
        options: dict[str, Any] = {"propagationPolicy": "Background"}
        if found is not None:
            options["preconditions"] = {"uid": found["metadata"]["uid"]}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        self._send(key, "DELETE", KINDS[key.kind].path(key.namespace, key.name), options)

    def remove(self, key: Key) -> None:
        """A kubelet has nothing more to end."""
        self.delete(key, grace=0)

    async def written(self) -> None:
        """Until all of it is there."""
        while tails := [task for task in self._tails.values() if not task.done()]:
            await asyncio.wait(tails)

    def _send(self, key: Key, method: str, path: str, body: Object, *, status: bool = False) -> None:
        before = self._tails.get(key)
        self._tails[key] = asyncio.create_task(self._sent(before, key, method, path, body, status))

    async def _sent(
        self,
        before: asyncio.Task[None] | None,
        key: Key,
        method: str,
        path: str,
        body: Object,
        status: bool,
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            for _ in range(120):
                try:
                    await self._upstream.call(method, path, body)
                    return
                except Refused as error:
                    if error.status < 500 and error.status != 429:
                        if error.status not in (404, 409):
                            self.troubles[f"{method} {key.kind}: {error}"] += 1
                        return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.5)  # the API server, or etcd, begins anew
            self.troubles[f"{method} {key.kind}: no answer"] += 1
        finally:
            self._unsaid[key] -= status

    # --- what the API server tells

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for kind in FOLLOWED:
                tasks.create_task(self._follow(kind))
            tasks.create_task(self._deliver())

    async def _follow(self, kind: str) -> None:
        path = KINDS[kind].path(self._namespace)
        while True:
            try:
                version = await self._list(kind, path)
                while True:
                    version = await self._watch(kind, path, version)
            except (Refused, aiohttp.ClientError):
                await asyncio.sleep(0.5)

    async def _list(self, kind: str, path: str) -> str:
        answer = await self._upstream.call("GET", path)
        version = str(answer["metadata"]["resourceVersion"])
        items = [_whole(kind, body) for body in answer["items"]]
        listed = {body["metadata"]["uid"] for body in items}
        for body in items:
            self._hear("LISTED", body)
        for key, body in list(self.objects.items()):
            if key.kind == kind and body["metadata"]["uid"] not in listed:
                self._hear("DELETED", {**body, "metadata": {**body["metadata"], "resourceVersion": version}})
        self._unlisted.discard(kind)
        return version

    async def _watch(self, kind: str, path: str, version: str) -> str:
        query = {"watch": "1", "allowWatchBookmarks": "true", "resourceVersion": version}
        async with self._upstream.session.get(self._upstream.url + path, params=query) as answer:
            if answer.status != 200:
                raise Refused(answer.status, await answer.text())
            async for line in lines(answer):
                event = lenient(line)
                if event["type"] == "ERROR":
                    raise Refused(event["object"].get("code", 500), str(event["object"]))
                version = event["object"]["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    self._hear(event["type"], _whole(kind, event["object"]))
        return version

    def _hear(self, type_: str, body: Object) -> None:
        version = int(body["metadata"]["resourceVersion"])
        due = asyncio.get_running_loop().time() + SETTLED_SECONDS
        heapq.heappush(self._news, (version, next(self._number), due, type_, body))

    async def _deliver(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            while self._news and self._news[0][2] <= asyncio.get_running_loop().time():
                _, _, _, type_, body = heapq.heappop(self._news)
                self._take(type_, body)
            if not self._unlisted and not self._news:
                self.listed.set()

    def _take(self, type_: str, body: Object) -> None:
        key = key_of(body)
        before = self.objects.get(key)
        if before is not None and before["metadata"]["uid"] != body["metadata"]["uid"]:
            self._tell("DELETED", before, before)
            before = None
        if before is not None and _version(before) >= _version(body) and type_ != "DELETED":
            return
        if before is not None and self._unsaid[key] and "status" in before:
            body = {**body, "status": before["status"]}
        if type_ == "DELETED":
            if before is None:
                return
            del self.objects[key]
        else:
            self.objects[key] = body
            type_ = "ADDED" if before is None else "MODIFIED"
        self._tell(type_, before, body)

    def _tell(self, type_: str, before: Object | None, now: Object) -> None:
        self.by_operator = _operators(type_, before, now)
        for hear in self.changed:
            hear(type_, before, now)
        self.by_operator = False


def _operators(type_: str, before: Object | None, now: Object) -> bool:
    """Whether it must have been an operator: garbage collection, kubelets and users delete, too."""
    if type_ == "MODIFIED":
        return now["kind"] in CUSTOM and (before or {}).get("status") != now.get("status")
    labels: Mapping[str, str] = now["metadata"].get("labels") or {}
    made = labels.get(LABEL_MANAGED_BY) == MANAGED_BY and controller_of(now) is not None
    return type_ == "ADDED" and made


def _version(body: Object) -> int:
    return int(body["metadata"]["resourceVersion"])


def _whole(kind: str, body: Object) -> Object:
    """Lists leave out what kind their items are of."""
    return {"kind": kind, "apiVersion": "v1", **body} if "kind" not in body else body
