"""Walks: the spec of a live object changes again and again, as by Acto, and each mistake is taken back.

A change is refused, or looked at and told of; with the first spec again the object is what it was. What ends
a run, as a cancellation does, is no mistake: there the walk is over.
"""

import asyncio
import time
from collections import Counter
from typing import Any

from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.plan.model import Key

from tests.fire.clarity import unclear
from tests.fire.scene import Scene
from tests.fire.shapes import BASES, DEPTHS, text, walks
from tests.fire.upstream import Refused
from tests.simulation.invariants.runs import TERMINAL

STEPS = 5
SETTLED_SECONDS = 20.0
BACK_SECONDS = 90.0
STARTS = {
    DASK_CLUSTER: (BASES[DASK_CLUSTER], ("Ready",)),
    FLOW_RUN: ({**BASES[FLOW_RUN], "suspend": True}, ("Suspended", "Pending")),
}
"""By kind: the spec that a walk begins and ends with, and the phases in which it then is."""


class Walker:
    """`walk` it; then `faults` is what was wrong."""

    def __init__(self, played: Scene, seed: int) -> None:
        self.faults: list[str] = []
        self._played, self._seed = played, seed
        self._answers: Counter[str] = Counter()

    async def walk(self, count: int) -> None:
        """So many objects, half of each kind, all at once."""
        each = (count + 1) // 2
        await asyncio.gather(
            *(
                self._one(kind, f"walk-{kind.lower()}-{number}", steps)
                for kind in STARTS
                for number, steps in enumerate(walks(kind, each, STEPS, self._seed))
            )
        )

    def text(self) -> str:
        """What was tried, in a line."""
        return "changes of live objects: " + ", ".join(
            f"{count} {what}" for what, count in sorted(self._answers.items())
        )

    async def _one(self, kind: str, name: str, steps: list[dict[str, Any]]) -> None:
        key, (start, phases) = Key(kind, "default", name), STARTS[kind]
        body = {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": start}
        await self._played.upstream.call("POST", KINDS[kind].path("default"), body)
        if not await self._reaches(key, phases, BACK_SECONDS):
            self.faults.append(f"{name} did not begin: {self._status(key)}")
        for step in ({**start, **changed} for changed in steps):
            if not await self._replaced(key, step):
                continue
            if why := await self._settles(key):
                self.faults.append(f"{name} with {step}: {why}")
            if kind == FLOW_RUN and self._status(key).get("phase") in TERMINAL:
                self._answers["the end of a run"] += 1
                break
            if not await self._replaced(key, start):
                self.faults.append(f"{name} cannot be put back after {step}")
            elif not await self._reaches(key, phases, BACK_SECONDS):
                self.faults.append(f"{name} is not back after {step}: {self._status(key)}")
                break
        self._played.ground.server.delete(key)

    async def _replaced(self, key: Key, spec: dict[str, Any]) -> bool:
        """Whether the API server takes the spec in place of what there is."""
        path = KINDS[key.kind].path(key.namespace, key.name)
        while True:
            now = await self._played.upstream.call("GET", path)
            meta = {"name": key.name, "resourceVersion": now["metadata"]["resourceVersion"]}
            body = text(key.kind, key.name, spec, DEPTHS[0])
            # The version is put into the text, which nothing decodes again.
            body = body.replace(
                b'"metadata": {"name": "' + key.name.encode() + b'"}',
                b'"metadata": {"name": "%b", "resourceVersion": "%b"}'
                % (key.name.encode(), meta["resourceVersion"].encode()),
            )
            try:
                await self._played.upstream.call("PUT", path, body)
            except Refused as error:
                if error.status == 409:
                    continue
                self._answers[f"refused ({error.status})"] += 1
                return False
            self._answers["taken"] += 1
            return True

    async def _settles(self, key: Key) -> str:
        """What is unclear about it after a while; empty once nothing is."""
        until, why = time.monotonic() + SETTLED_SECONDS, "it is gone"
        while time.monotonic() < until:
            await asyncio.sleep(0.5)
            body = self._played.ground.server.objects.get(key)
            why = unclear(body) if body else "it is gone"
            if not why:
                return ""
        return why

    async def _reaches(self, key: Key, phases: tuple[str, ...], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._status(key).get("phase") in phases and not await self._settles(key):
                return True
            await asyncio.sleep(0.5)
        return False

    def _status(self, key: Key) -> dict[str, Any]:
        body = self._played.ground.server.objects.get(key) or {}
        return dict(body.get("status") or {})
