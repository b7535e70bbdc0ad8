"""One case lived through: the world with its scenario, and its operators one after the other."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from daskflow.api.names import CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.reconcile import Planner
from daskflow.manifests.settings import Settings
from daskflow.plan.cluster import life as daskcluster
from daskflow.plan.model import Key, Object
from daskflow.plan.pool import life as pool
from daskflow.plan.run import life as flowrun
from daskflow.plan.schedule import life as flowschedule

from tests.simulation.actions.user import take
from tests.simulation.cases import LISTED, Case, Course
from tests.simulation.dask.control_listener import Network
from tests.simulation.invariants.at_the_end import faults_at_the_end
from tests.simulation.invariants.claims import ClaimWatcher
from tests.simulation.invariants.clusters import ClusterWatcher
from tests.simulation.invariants.runs import TERMINAL, Watcher
from tests.simulation.invariants.schedules import ScheduleWatcher, settled
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.nodes import Nodes
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import STORM, Client, Faults
from tests.simulation.operators.process import Operator
from tests.simulation.result import Broken, Result
from tests.simulation.scenarios import SCENARIOS, Scenario
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario

SETTINGS = Settings(root_key=bytes(32), runtime=b"zip")
STORM_SECONDS = 120.0
DEAD_SECONDS = 90.0
"""After the end of a run, and of faults, nothing of it computes any more: grace periods are 40 s."""
AFTERWARDS = 130.0
"""Retention in the scenarios is two minutes, in all."""
HEALED = 400.0
"""A dropped event is healed by the next list: every five to six minutes."""
STEADY = 150.0
"""Then nothing is written for so long, in which the first operator lists everything again."""
FROZEN_SECONDS = 40.0
"""By then a run of a few seconds is over."""
LOOKS = 20
"""So many at each object, at most, in that time: more is a busy loop."""
_NONE: Object = {"metadata": {"uid": ""}}


class World:
    """Made inside the virtual loop; `live` it once."""

    def __init__(self, case: Case, scenario: Scenario | None = None) -> None:
        self.case = case
        self.scenario = scenario or SCENARIOS[case.scenario]
        self.server = Server(Random(f"server {case.seed}"), self.scenario.garbage)
        self.only: str | None = None
        """The one subject that an action is about, while it acts."""
        self.nodes = Nodes(self.server, Random(f"nodes {case.seed}"), self._script)
        self.watcher = Watcher(self)
        self.clusters = ClusterWatcher(self)
        self.claims = ClaimWatcher(self)
        self.schedules = ScheduleWatcher(self)
        self.strangers: set[Key] = set()
        """Objects of others, which must be left alone."""
        self.operators: list[Operator] = []
        """One after the other; the last one lives."""
        self.jumped = 0.0
        """By how many seconds the clock of the operator's machine was set."""
        self.jumped_at = 0.0
        """When."""
        self._absent_until = 0.0
        self._history: list[tuple[float, bool]] = []
        """Of each write of the first operator: when, and whether of a status."""
        self._dying: list[Operator] = []
        self._start()

    @property
    def operator(self) -> Operator:
        """The one that lives, or died last."""
        return self.operators[-1]

    @property
    def clients(self) -> list[Client]:
        """Each operator's connection."""
        return [each.client for each in self.operators]

    @property
    def subjects(self) -> tuple[Key, ...]:
        """What the user has made."""
        return tuple(key for key in self.scenario.subjects if self.only in (None, key.name))

    def _script(self, run: str, attempt: int) -> Mapping[str, Any]:
        """How the flow of this attempt goes; `run` is a uid."""
        named = (
            key for key in self.subjects if self.server.objects.get(key, _NONE)["metadata"]["uid"] == run
        )
        flows = self.scenario.of(next(named, None)).flows
        return flows[min(attempt, len(flows)) - 1]

    async def live(self) -> Result:
        """Raises Broken with everything that is wrong."""
        loop = asyncio.get_running_loop()
        for key in self.subjects:
            self.server.create(self.scenario.manifest(key.name))
        for at, action in self.scenario.actions:
            if at == 0:
                action(self)
            else:
                loop.call_later(at, action, self)
        self._plan_deaths()
        ended_after = await self._until_ended()
        await self._until_dead()
        await asyncio.sleep((HEALED if self.case.drop else AFTERWARDS) + self.scenario.aftermath)
        await self._steady()
        if faults := faults_at_the_end(self):
            self._fail(faults)
        return Result(
            writes=sum(client.writes for client in self.clients),
            events=sum(client.events for client in self.clients),
            status_writes=self.watcher.status_writes,
            ended_after=ended_after,
            results=self.operator.results,
            course=self._course() if self.case.plain else None,
        )

    async def _until_ended(self) -> float:
        """Eventually: once faults have stopped and the wish has, the state is reached within bounded time."""
        loop = asyncio.get_running_loop()
        storm = STORM_SECONDS if self.case.storm or self.case.crashes else 0.0
        if isinstance(self.scenario, ScheduleScenario):
            await asyncio.sleep(self.scenario.quiet)
        patience = self.scenario.swift if self.case.plain else storm + self.scenario.seconds
        while not self._ended():
            self.operator.check()
            await asyncio.sleep(1)
            if loop.time() > patience:
                self._fail([f"not ended after {patience} s: {self._where()}"])
        ended_after = loop.time()
        await asyncio.sleep(max(0.0, storm - loop.time()))
        return ended_after

    async def _until_dead(self) -> None:
        """Compute frees itself: nothing of an ended run lives on, whatever the operator knows."""
        await asyncio.sleep(DEAD_SECONDS)
        for life in self.nodes.living():
            if life.run in self.watcher.ended and not life.cut:
                self._fail([f"{life.key.name} runs {DEAD_SECONDS} s after the end of its run"])

    async def _steady(self) -> None:
        """Stable reconciliation: what has been reached needs no more writes, and few looks."""
        client = self.operator.client
        before, looks = client.attempted, sum(self.operator.results.values())
        await asyncio.sleep(STEADY)
        self.operator.check()
        if client.attempted != before:
            self._fail([f"{client.attempted - before} writes when all was done: {self._where()}"])
        looks = sum(self.operator.results.values()) - looks
        objects = sum(KINDS[key.kind].seen == "custom" for key in self.server.objects)
        if looks > LOOKS * objects:
            self._fail([f"{looks} looks at {objects} objects when all was done"])
        # Where two operators work, calls fail or news are old, a look may find something new each time.
        calm = not (self.case.storm or self.case.twins or self.case.stale)
        bad = ("bug", "unsettled") if calm else ("bug",)
        if found := {word for each in self.operators for word in bad if each.results.get(word)}:
            self._fail([f"a look ended as {found}"])

    # --- operators

    def _start(self) -> None:
        if asyncio.get_running_loop().time() < self._absent_until:
            return
        number = len(self.operators) + 1
        client = self._client(number)
        if number == 1:
            client.after_write = self._written
            client.before_create = self._frozen
        self.operators.append(self._operator(client, number))

    def _client(self, number: int) -> Client:
        faults = replace(STORM if self.case.storm else Faults(), until=STORM_SECONDS)
        stale = self.case.past if number > 1 else {}
        client = Client(self.server, Random(f"client {self.case.seed} {number}"), faults, stale)
        if number == 1 and self.case.drop:
            client.drop = lambda number, type_, body: number == self.case.drop
        return client

    def _operator(self, client: Client, number: int, **more: Any) -> Operator:
        settings = replace(SETTINGS, defaults=self.scenario.defaults_of(number))
        planners: dict[str, Planner] = {
            FLOW_RUN: partial(flowrun.plan, settings=settings),
            DASK_CLUSTER: partial(daskcluster.plan, settings=settings),
        }
        if self.scenario.kind == FLOW_SCHEDULE:
            planners[FLOW_SCHEDULE] = partial(flowschedule.plan, settings=settings)
        if self.scenario.pools:
            planners[CLUSTER_POOL] = partial(pool.plan, settings=settings)
        seed = self.case.seed * 100 + number
        network = Network(self.nodes, client, Random(seed + 50))
        own = {"namespace_defaults": self.scenario.namespace_defaults, "now": self._clock}
        more = {**own, "dial_listener": network.dial, **more}
        operator = Operator(client, planners, seed, network.dial, **more)
        operator.start()
        return operator

    def absent(self, seconds: float) -> None:
        """No operator works for so long, neither the one that lives nor those that are to come."""
        loop = asyncio.get_running_loop()
        self._absent_until = loop.time() + seconds
        for each in self.operators:
            each.kill()
        self._dying.append(self.operator)
        loop.call_at(self._absent_until, self._start)

    def _clock(self) -> datetime:
        """What the clock of the operator's machine shows."""
        return instant() + timedelta(seconds=self.jumped)

    def _written(self, number: int) -> None:
        status = self.watcher.last_was_status
        self._history.append((asyncio.get_running_loop().time(), status))
        if number == self.case.crash:
            self._die(self.operator)

    def _frozen(self, body: Object) -> float:
        """The time until the first operator goes on; the second one works by then."""
        if body["kind"] != self.case.frozen or self._dying:
            return 0.0
        self._dying.append(self.operator)
        self.operator.client.drop = lambda number, type_, body: True
        asyncio.get_running_loop().call_later(self.case.down, self._start)
        asyncio.get_running_loop().call_later(FROZEN_SECONDS + 5, self.operator.kill)
        return FROZEN_SECONDS

    def _plan_deaths(self) -> None:
        chance = Random(f"deaths {self.case.seed}")
        for _ in range(self.case.crashes):
            at = chance.uniform(0, STORM_SECONDS)
            asyncio.get_running_loop().call_later(at, lambda: self._die(self.operator))

    def _die(self, victim: Operator) -> None:
        if victim is not self.operator or victim in self._dying:
            return
        self._dying.append(victim)
        loop = asyncio.get_running_loop()
        if self.case.twins:
            # It was frozen, and wakes with what it knew then; its calls still go through.
            victim.client.drop = lambda number, type_, body: True
            loop.call_later(self.case.down + 5, victim.kill)
        else:
            victim.kill()
        if self.case.taken:
            loop.call_later(self.case.down / 2, take(self.case.taken), self)
        loop.call_later(self.case.down, self._start)

    # --- how far it is

    def _ended(self) -> bool:
        last = max((at for at, _ in self.scenario.actions), default=0.0)
        return asyncio.get_running_loop().time() >= last and all(self._reached(key) for key in self.subjects)

    def _reached(self, key: Key) -> bool:
        if key.kind == FLOW_SCHEDULE:
            return settled(self, key)
        body = self.server.objects.get(key)
        if not self.scenario.phases:
            return body is None
        phase = ((body or {}).get("status") or {}).get("phase")
        return phase in (TERMINAL if key.kind == FLOW_RUN else self.scenario.phases)

    def _course(self) -> Course:
        return Course(
            writes=sum(client.writes for client in self.clients),
            events=sum(client.events for client in self.clients),
            status_writes=tuple(n for n, (_, status) in enumerate(self._history, 1) if status),
            changes=tuple(self._changes(at + 1.0) for at, _ in self._history),
        )

    def _changes(self, until: float) -> Mapping[str, int]:
        return {kind: sum(at <= until for at in self.server.times[kind]) for kind in LISTED}

    def _where(self) -> str:
        found = []
        for key, body in self.server.objects.items():
            status = body.get("status") or {}
            if key in self.subjects:
                found.append(
                    f"{key.name} {status.get('phase')} ({status.get('reason')}: {status.get('message')})"
                )
            elif key.kind in ("Pod", DASK_CLUSTER):
                found.append(f"{key.name} {status.get('phase')}")
        return "; ".join(found)

    def _fail(self, faults: list[str]) -> None:
        raise Broken("\n".join(["", *faults, f"again: {self.case.command}"]))
