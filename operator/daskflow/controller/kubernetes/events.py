"""Tells users what happened, in Kubernetes Events: in the background, never an error, never in the way."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from daskflow.controller.kubernetes.terminating_namespaces import TerminatingNamespaces
from daskflow.controller.kubernetes.verbs import Api, ApiError
from daskflow.plan.model import Event, Object

log = logging.getLogger(__name__)

COMPONENT = "daskflow-operator"
WAITING_AT_MOST = 1_000
"""Normal Events that wait for an API server that is slow, and twice as many with Warnings; what comes on top
is dropped, status has it anyway."""
REMEMBERED = 10_000
PAUSES = (1.0, 5.0, 20.0)
"""Seconds between tries, where only time can help."""
LEISURE_SECONDS = 3.0
"""So long a Normal Event waits for plans that are being carried out: where a hundred runs begin at once, it
takes CPU of the API server that their pods and claims need."""
QUIET_SECONDS = 0.25
"""From the last plan on, until there is leisure: between two of many plans is none."""
SLOTS = 4
"""Writes at once, of either type."""


class Recorder:
    """Writes each sentence about an object, as it is, once.

    The name of the Event is a hash of what it says and of the object's generation, so a restarted operator,
    or a second one, that says the same of the same object gets a 409 instead of saying it twice, and a
    second suspension is told as the first was.
    """

    def __init__(self, api: Api, now: Callable[[], datetime], instance: str = COMPONENT) -> None:
        self._api = api
        self._now = now
        self._instance = instance
        self.terminating = TerminatingNamespaces()
        """Where nothing is told, since it would be refused."""
        self._said: OrderedDict[str, None] = OrderedDict()
        self.waiting: set[asyncio.Task[None]] = set()
        """Writes under way, and those that wait."""
        self._slots = {each: asyncio.Semaphore(SLOTS) for each in ("Normal", "Warning")}
        self._plans = 0
        """That are being carried out."""
        self._leisure = asyncio.Event()
        self._leisure.set()
        self._until_leisure: asyncio.TimerHandle | None = None
        self._stopping = False

    def tell(self, about: Object, event: Event) -> None:
        """Have the event written soon, unless it has been."""
        body = self._body(about, event)
        name = body["metadata"]["name"]
        ordinary = event.type == "Normal"
        # Warnings have as much room again: what is ordinary, and waits, is not to push them out.
        room = WAITING_AT_MOST * (1 if ordinary else 2)
        if name in self._said or len(self.waiting) >= room or self.terminating.seconds_left(about):
            return
        self._said[name] = None
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        due = asyncio.get_running_loop().time() + (LEISURE_SECONDS if ordinary else 0.0)
        task = asyncio.create_task(self._write(about, body, due))
        self.waiting.add(task)
        task.add_done_callback(self.waiting.discard)

    @contextmanager
    def carrying_out(self) -> Iterator[None]:
        """A plan, whose writes come before what is only told."""
        self._plans += 1
        if self._until_leisure is not None:
            self._until_leisure.cancel()
        if not self._stopping:
            self._leisure.clear()
        try:
            yield
        finally:
            self._plans -= 1
            if not self._plans:
                loop = asyncio.get_running_loop()
                self._until_leisure = loop.call_later(QUIET_SECONDS, self._leisure.set)

    async def stop(self, seconds: float = 1.0) -> None:
        """Give the waiting ones so many seconds."""
        self._stopping = True
        self._leisure.set()
        waiting = list(self.waiting)
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def refused(self, about: Object, error: ApiError) -> None:
        """Hears what became of a create for this object."""
        if error.namespace_ending:
            self.terminating.found(about["metadata"]["namespace"], self._now())

    async def _at_leisure(self, due: float) -> None:
        """Nothing else is being written, or it is so late."""
        try:
            async with asyncio.timeout_at(due):
                await self._leisure.wait()
        except TimeoutError:
            return

    async def _write(self, about: Object, body: Object, due: float) -> None:
        async with self._slots[body["type"]]:
            await self._at_leisure(due)
            for pause in (*PAUSES, 0.0):
                if self.terminating.seconds_left(about):
                    return
                try:
                    await self._api.create(body)
                    return
                except ApiError as error:
                    if error.taken:
                        return
                    self.refused(about, error)
                    log.debug("event %s not written: %s", body["metadata"]["name"], error)
                    if not error.passing:
                        return
                await asyncio.sleep(pause)

    def _body(self, about: Object, event: Event) -> dict[str, Any]:
        meta = about["metadata"]
        which = str(meta.get("generation", ""))
        text = "\n".join((meta["uid"], which, event.type, event.reason, event.message))
        at = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "namespace": meta["namespace"],
                "name": f"{meta['name']}.{hashlib.sha256(text.encode()).hexdigest()[:16]}",
            },
            "involvedObject": {
                "apiVersion": about["apiVersion"],
                "kind": about["kind"],
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
                "resourceVersion": meta.get("resourceVersion", ""),
            },
            "type": event.type,
            "reason": event.reason,
            "message": event.message[:1024],
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "reportingInstance": self._instance[:128],
            "firstTimestamp": at,
            "lastTimestamp": at,
            "count": 1,
        }
