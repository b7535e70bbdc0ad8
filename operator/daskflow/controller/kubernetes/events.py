"""Tells users what happened, in Kubernetes Events: in the background, never an error, never in the way."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from daskflow.controller.kubernetes.terminating_namespaces import TerminatingNamespaces
from daskflow.controller.kubernetes.verbs import Api, ApiError
from daskflow.plan.model import Event, Object

log = logging.getLogger(__name__)

COMPONENT = "daskflow-operator"
WAITING_AT_MOST = 1_000
"""Events that wait for an API server that is slow; what comes on top is dropped, status has it anyway."""
REMEMBERED = 10_000
PAUSES = (1.0, 5.0, 20.0)
"""Seconds between tries, where only time can help."""


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
        """Writes under way."""
        self._slots = asyncio.Semaphore(4)

    def tell(self, about: Object, event: Event) -> None:
        """Have the event written soon, unless it has been."""
        body = self._body(about, event)
        name = body["metadata"]["name"]
        if name in self._said or len(self.waiting) >= WAITING_AT_MOST or self.terminating.seconds_left(about):
            return
        self._said[name] = None
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        task = asyncio.create_task(self._write(about, body))
        self.waiting.add(task)
        task.add_done_callback(self.waiting.discard)

    async def stop(self, seconds: float = 1.0) -> None:
        """Give the waiting ones so many seconds."""
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

    async def _write(self, about: Object, body: Object) -> None:
        async with self._slots:
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
