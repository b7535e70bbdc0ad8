"""One DaskCluster's life, with what a case does to its operators."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from daskflow.api.dask_kubernetes.names import (
    LABEL_COMPONENT,
    LABEL_GROUP,
    SCHEDULER,
    WORKER,
    WORKER_GROUP,
)
from daskflow.controller.schedulers.answers import ControlError
from daskflow.plan.model import Key, Object

from tests.simulation import loop as virtual
from tests.simulation.dask_kubernetes.cluster_scenarios import OWN_GROUP, SUBJECT, ClusterScenario
from tests.simulation.dask_kubernetes.kubelet import Kubelet, UserPod
from tests.simulation.dask_kubernetes.world import HEALED, STORM_SECONDS, planners
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import merged
from tests.simulation.operators.client import STORM, Client, Faults
from tests.simulation.operators.process import Operator
from tests.simulation.result import Broken

CALM = 250.0
"""Seconds from the last deed, or fault, to the state that is then looked at."""
STEADY = 60.0


@dataclass(frozen=True)
class ClusterCase:
    """What goes wrong on the operator's side; numbers count from 1, 0 means never."""

    scenario: ClusterScenario
    seed: int = 0
    storm: bool = False
    crash: int = 0
    down: float = 5.0
    stale: str = ""
    drop: int = 0


class ClusterWorld:
    """Made inside the virtual loop; `live` it once."""

    def __init__(self, case: ClusterCase) -> None:
        self.case, self.scenario = case, case.scenario
        self.server = Server(Random(f"server {case.seed}"))
        self.kubelet = Kubelet(self.server, Random(f"nodes {case.seed}"), (0,), 1.0)
        self.dask = _Dask(self)
        self.operators: list[Operator] = []
        self.faults: list[str] = []
        self.server.changed.append(self._hear)
        self._start()

    async def live(self) -> tuple[int, int]:
        """Writes and events that it took. Raises Broken with everything that is wrong."""
        loop = asyncio.get_running_loop()
        self.server.create(self.scenario.manifest())
        acting = asyncio.create_task(self._act())
        if self.case.storm:
            chance = Random(f"deaths {self.case.seed}")
            for _ in range(3):
                loop.call_later(chance.uniform(0, STORM_SECONDS), self._die)
        await acting
        await asyncio.sleep(max(0.0, (STORM_SECONDS if self.case.storm else 0.0) - loop.time()) + CALM)
        await asyncio.sleep(HEALED if self.case.drop else 0.0)
        writes = self.operators[-1].client.attempted
        await asyncio.sleep(STEADY)
        self.operators[-1].check()
        if self.operators[-1].client.attempted != writes:
            self.faults.append(f"{self.operators[-1].client.attempted - writes} writes when all was done")
        self.faults.extend(self._faults_at_the_end())
        if self.faults:
            raise Broken("\n".join(["", *self.faults, f"case: {self.case}"]))
        clients = [each.client for each in self.operators]
        return sum(each.writes for each in clients), sum(each.events for each in clients)

    async def _act(self) -> None:
        """One thing after the other, once there is what it is about."""
        for at, action in self.scenario.actions:
            await asyncio.sleep(max(0.0, at - asyncio.get_running_loop().time()))
            await self._group()
            action(self)

    async def _group(self) -> None:
        """Until the cluster has its own group, or is gone."""
        changed = asyncio.Event()
        self.server.changed.append(lambda *_: changed.set())
        while OWN_GROUP not in self.server.objects and SUBJECT in self.server.objects:
            changed.clear()
            await changed.wait()

    def running(self, component: str, group: str = "") -> list[Object]:
        """Pods of the cluster that run and are to stay."""
        return [
            body
            for key, body in self.server.objects.items()
            if key.kind == "Pod"
            and body["metadata"]["labels"].get(LABEL_COMPONENT) == component
            and body["metadata"]["labels"].get(LABEL_GROUP, "").endswith(group)
            and "deletionTimestamp" not in body["metadata"]
            and body["status"].get("phase") == "Running"
        ]

    def user_pods(self, component: str) -> list[UserPod]:
        """The same, as their kubelet has them."""
        uids = {body["metadata"]["uid"] for body in self.running(component)}
        return [pod for uid, pod in self.kubelet.pods.items() if uid in uids]

    def patch(self, key: Key, body: Object) -> None:
        """What a user or client does, if the object is there."""
        if key in self.server.objects:
            found = self.server.objects[key]
            self.server.update(key, **{name: merged(found[name], part) for name, part in body.items()})

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        if now["kind"] != "Pod":
            return
        of = [
            key.name
            for key, body in self.server.objects.items()
            if key.kind == "Pod" and body["metadata"]["labels"].get(LABEL_COMPONENT) == SCHEDULER
        ]
        if len(of) > 1:
            self.faults.append(f"two schedulers at once: {of}")
        going = "deletionTimestamp" in now["metadata"]
        marked = going and "deletionTimestamp" not in (before or now)["metadata"]
        if marked and self.server.by_operator:
            self._ended_by_operator(now)

    def _ended_by_operator(self, pod: Object) -> None:
        name = pod["metadata"]["name"]
        worker = pod["metadata"]["labels"].get(LABEL_COMPONENT) == WORKER
        works = worker and pod["status"].get("phase") == "Running"
        if works and self.dask.reachable and name not in self.dask.retired:
            self.faults.append(f"worker {name} was ended and had not handed over what it held")

    def _faults_at_the_end(self) -> Iterator[str]:
        if self.scenario.workers is None:
            # A group of which no operator ever heard is nobody's but its user's.
            kept = (
                {"Event", WORKER_GROUP}
                if self.operators[1:] or self.case.drop or self.case.storm
                else {"Event"}
            )
            if left := [key for key in self.server.objects if key.kind not in kept]:
                yield f"left behind: {left}"
            return
        if len(self.running(SCHEDULER)) != 1:
            yield f"{len(self.running(SCHEDULER))} schedulers run"
        for group, number in self.scenario.workers.items():
            found = [body["metadata"]["name"] for body in self.running(WORKER, group)]
            if len(found) != number:
                yield f"{len(found)} workers of {group}, and not {number}: {found}"
        groups = [key.name for key in self.server.objects if key.kind == WORKER_GROUP]
        if sorted(groups) != sorted(f"lab-{group}" for group in self.scenario.workers):
            yield f"groups: {groups}"
        status = self.server.objects[SUBJECT].get("status") or {}
        if status.get("phase") != "Running" or status["conditions"][0]["status"] != "True":
            yield f"its status is {status}"

    def _start(self) -> None:
        number = len(self.operators) + 1
        faults = replace(STORM if self.case.storm else Faults(), until=STORM_SECONDS)
        stale = {self.case.stale: 10_000} if number > 1 and self.case.stale else {}
        client = Client(self.server, Random(f"client {self.case.seed} {number}"), faults, stale)
        if number == 1:
            client.drop = lambda number, type_, body: number == self.case.drop
            client.after_write = self._written
        operator = Operator(client, planners(), self.case.seed * 100 + number, dial_dask=self.dask.dial)
        operator.start()
        self.operators.append(operator)

    def _written(self, number: int) -> None:
        if number == self.case.crash:
            self._die()

    def _die(self) -> None:
        self.operators[-1].kill()
        asyncio.get_running_loop().call_later(self.case.down, self._start)


class _Dask:
    """What the cluster's scheduler says: all workers that run are registered, and have nothing to do."""

    def __init__(self, world: ClusterWorld) -> None:
        self._world = world
        self.retired: set[str] = set()

    @property
    def reachable(self) -> bool:
        """Whether there is one that runs."""
        return bool(self._world.running(SCHEDULER))

    async def dial(self, address: str, keys: object) -> "_Dask":
        await asyncio.sleep(0.01)
        if not self.reachable:
            raise ControlError("nobody listens")
        return self

    async def call(self, op: str, seconds: float = 10.0, **arguments: Any) -> Any:
        await asyncio.sleep(0.05)
        if not self.reachable:
            raise ControlError("it has gone")
        if op == "retire_workers":
            self.retired |= set(arguments["workers"])
            return {}
        assert op == "identity"
        seen = asyncio.get_running_loop().time()
        names = [body["metadata"]["name"] for body in self._world.running(WORKER)]
        return {"workers": {name: {"name": name, "last_seen": seen, "metrics": {}} for name in names}}

    def close(self) -> None:
        """There is nothing to close."""


def try_cluster(case: ClusterCase) -> tuple[int, int]:
    """Lives one case; raises Broken (or whatever the operator raised)."""

    async def live() -> tuple[int, int]:
        return await ClusterWorld(case).live()

    return virtual.run(live())
