"""A server, an operator with a toy planner, and what it makes: nothing is mocked but API and time."""

import asyncio
from random import Random
from typing import Any

from daskflow.api.names import LABEL_RUN
from daskflow.controller.kubernetes.verbs import key_of
from daskflow.plan.model import Key, Object

from tests.simulation import toy
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import Client, Faults
from tests.simulation.operators.process import Operator

RUN = Key("FlowRun", "default", "toy")


class Toy:
    """A server, one operator with the toy planner, and pods that run for a second each."""

    def __init__(
        self, seed: int = 1, faults: Faults | None = None, planner: Any = toy.plan, identity: str = ""
    ) -> None:
        self.chance = Random(seed)
        self.seed = seed
        self.planner = planner
        self.faults = faults
        self.server = Server(Random(seed))
        self.server.changed.append(self._kubelet)
        self.opened = 0
        self.pods_made = 0
        self.lives = 0
        self.operators: list[Operator] = []
        self.operator = self.restart(identity)

    def restart(self, identity: str = "") -> Operator:
        """Another one; with an `identity` it leads by the lease, or stands by."""
        self.lives += 1
        client = Client(self.server, Random(self.seed * 1000 + self.lives), self.faults)
        planners = {"FlowRun": self.planner, "DaskCluster": self.planner}
        self.operator = Operator(client, planners, self.seed, identity=identity)
        self.operator.start()
        self.operators.append(self.operator)
        return self.operator

    def status(self) -> Any:
        return self.server.objects[RUN].get("status", {})

    async def until_done(self, seconds: float = 600.0) -> float:
        async with asyncio.timeout(seconds):
            while not (self.status().get("phase") == "Done" and len(self.compute()) == 0):
                self.operator.check()
                await asyncio.sleep(0.5)
        return asyncio.get_running_loop().time()

    def compute(self) -> list[Key]:
        return [key for key in self.server.objects if key.kind in ("Pod", "Service")]

    def _kubelet(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] != "Pod":
            return
        if type_ == "ADDED":
            self.pods_made += 1
            asyncio.get_running_loop().call_later(1.0, self._end, key_of(now), now["metadata"]["uid"])

    def _end(self, key: Key, uid: str) -> None:
        found = self.server.objects.get(key)
        if found is not None and found["metadata"]["uid"] == uid:
            self.server.update(key, status={"phase": "Succeeded"})


def a_pod(uid: str, version: int, owner: str) -> dict[str, Any]:
    reference = {"kind": "DaskCluster", "name": "run-1", "uid": owner, "controller": True}
    labels = {LABEL_RUN: "toy"}
    meta = {"name": uid, "namespace": "default", "uid": uid, "resourceVersion": str(version)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**meta, "labels": labels, "ownerReferences": [reference]},
    }
