"""One DaskJob's life, with what a case does to its operators."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from daskflow.api.dask_kubernetes.names import AUTOSCALER, CLUSTER, JOB, JOB_ENDS, WORKER_GROUP
from daskflow.controller.reconcile import Planner
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.autoscaler import life as autoscaler
from daskflow.plan.dask_kubernetes.cluster import life as cluster
from daskflow.plan.dask_kubernetes.job import life as job
from daskflow.plan.dask_kubernetes.worker_group import life as worker_group
from daskflow.plan.model import Object

from tests.simulation import loop as virtual
from tests.simulation.dask_kubernetes.invariants import Watcher, faults_at_the_end
from tests.simulation.dask_kubernetes.kubelet import Kubelet
from tests.simulation.dask_kubernetes.scenarios import SUBJECT, JobScenario
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.operators.client import STORM, Client, Faults
from tests.simulation.operators.process import Operator
from tests.simulation.result import Broken

SETTINGS = Settings(root_key=bytes(32), runtime=b"zip")
STORM_SECONDS = 120.0
HEALED = 400.0
"""A dropped event is healed by the next list: every five to six minutes."""
STEADY = 150.0
LOOKS = 20
"""So many at each object in that time, at most."""
FROZEN_SECONDS = 40.0


@dataclass(frozen=True)
class JobCase:
    """What goes wrong on the operator's side; numbers count from 1, 0 means never (see `cases.Case`)."""

    scenario: JobScenario
    seed: int = 0
    storm: bool = False
    crash: int = 0
    down: float = 5.0
    stale: str = ""
    """The kind that the next operator lists as it was before all of its changes."""
    drop: int = 0
    twins: bool = False
    frozen: str = ""

    @property
    def plain(self) -> bool:
        """Whether nothing goes wrong."""
        return not (self.storm or self.crash or self.drop or self.frozen)


@dataclass(frozen=True)
class Course:
    """What an undisturbed life takes."""

    writes: int
    events: int


class JobWorld:
    """Made inside the virtual loop; `live` it once."""

    def __init__(self, case: JobCase) -> None:
        self.case, self.scenario = case, case.scenario
        self.server = Server(Random(f"server {case.seed}"))
        chance = Random(f"nodes {case.seed}")
        self.kubelet = Kubelet(self.server, chance, self.scenario.codes, self.scenario.seconds)
        self.watcher = Watcher(self)
        self.operators: list[Operator] = []
        self._dying: list[Operator] = []
        self._start()

    async def live(self) -> Course:
        """Raises Broken with everything that is wrong."""
        loop = asyncio.get_running_loop()
        self.server.create(self.scenario.manifest())
        for at, action in self.scenario.actions:
            loop.call_later(at, action, self)
        if self.case.storm:
            chance = Random(f"deaths {self.case.seed}")
            for _ in range(3):
                loop.call_later(chance.uniform(0, STORM_SECONDS), self._die)
        await self._until_ended()
        await asyncio.sleep(HEALED if self.case.drop else 60.0)
        await self._steady()
        if faults := [*self.watcher.faults, *faults_at_the_end(self)]:
            self._fail(faults)
        clients = [each.client for each in self.operators]
        return Course(sum(each.writes for each in clients), sum(each.events for each in clients))

    async def _until_ended(self) -> None:
        loop = asyncio.get_running_loop()
        storm = STORM_SECONDS if self.case.storm else 0.0
        patience = self.scenario.within if self.case.plain else storm + self.scenario.within + 900.0
        while not self._ended():
            self.operators[-1].check()
            await asyncio.sleep(1)
            if loop.time() > patience:
                self._fail([f"not ended after {patience} s: {self.status()}"])
        await asyncio.sleep(max(0.0, storm - loop.time()))

    async def _steady(self) -> None:
        """What has been reached needs no more writes, and few looks."""
        operator = self.operators[-1]
        writes, looks = operator.client.attempted, sum(operator.results.values())
        await asyncio.sleep(STEADY)
        operator.check()
        if operator.client.attempted != writes:
            self._fail([f"{operator.client.attempted - writes} writes when all was done"])
        looks = sum(operator.results.values()) - looks
        if looks > LOOKS * max(1, len(self.server.objects)):
            self._fail([f"{looks} looks when all was done"])
        if any(each.results.get("bug") for each in self.operators):
            self._fail(["a planner raised"])

    def status(self) -> Object:
        """The job's, as it is stored."""
        found: Object = (self.server.objects.get(SUBJECT) or {}).get("status") or {}
        return found

    def _ended(self) -> bool:
        last = max((at for at, _ in self.scenario.actions), default=0.0)
        if asyncio.get_running_loop().time() < last:
            return False
        if not self.scenario.words:
            return SUBJECT not in self.server.objects
        return self.status().get("jobStatus") in JOB_ENDS

    def _start(self) -> None:
        number = len(self.operators) + 1
        faults = replace(STORM if self.case.storm else Faults(), until=STORM_SECONDS)
        stale = {self.case.stale: 10_000} if number > 1 and self.case.stale else {}
        client = Client(self.server, Random(f"client {self.case.seed} {number}"), faults, stale)
        if number == 1:
            client.drop = lambda number, type_, body: number == self.case.drop
            client.after_write = self._written
            client.before_create = self._frozen
        operator = Operator(client, planners(), self.case.seed * 100 + number)
        operator.start()
        self.operators.append(operator)

    def _written(self, number: int) -> None:
        if number == self.case.crash:
            self._die()

    def _frozen(self, body: Object) -> float:
        """The time until the first operator goes on; the second one works by then."""
        if body["kind"] != self.case.frozen or self._dying:
            return 0.0
        self._dying.append(self.operators[0])
        self.operators[0].client.drop = lambda number, type_, body: True
        loop = asyncio.get_running_loop()
        loop.call_later(self.case.down, self._start)
        loop.call_later(FROZEN_SECONDS + 5, self.operators[0].kill)
        return FROZEN_SECONDS

    def _die(self) -> None:
        victim, loop = self.operators[-1], asyncio.get_running_loop()
        if victim in self._dying:
            return
        self._dying.append(victim)
        if self.case.twins:
            victim.client.drop = lambda number, type_, body: True
            loop.call_later(self.case.down + 5, victim.kill)
        else:
            victim.kill()
        loop.call_later(self.case.down, self._start)

    def _fail(self, faults: list[str]) -> None:
        raise Broken("\n".join(["", *faults, f"case: {self.case}"]))


def planners() -> dict[str, Planner]:
    """Those of dask-kubernetes' kinds."""
    return {
        CLUSTER: partial(cluster.plan, settings=SETTINGS),
        WORKER_GROUP: partial(worker_group.plan, settings=SETTINGS),
        JOB: partial(job.plan, settings=SETTINGS),
        AUTOSCALER: partial(autoscaler.plan, settings=SETTINGS),
    }


def try_job(case: JobCase, prepare: Callable[[JobWorld], None] = lambda world: None) -> Course:
    """Lives one case; raises Broken (or whatever the operator raised)."""

    async def live() -> Course:
        world = JobWorld(case)
        prepare(world)
        return await world.live()

    return virtual.run(live())
