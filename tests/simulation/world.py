"""One case: a scenario, a seed, and what goes wrong on the operator's side."""

import asyncio
import shlex
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.controller.reconcile import Planner
from daskflow.manifests.settings import Settings
from daskflow.plan import daskcluster, flowrun
from daskflow.plan.model import Object

from tests.simulation.client import STORM, Client, Faults
from tests.simulation.invariants import TERMINAL, Watcher, faults_at_the_end
from tests.simulation.nodes import Nodes
from tests.simulation.process import Operator
from tests.simulation.scenarios import RUN, SCENARIOS
from tests.simulation.server import Server

SETTINGS = Settings(root_key=bytes(32), runtime=b"zip")
STORM_SECONDS = 120.0
AFTERWARDS = 400.0
"""Retention in the scenarios is two minutes; a dropped event is healed by the list after five."""


class Broken(AssertionError):
    """An invariant does not hold; the message holds the command that shows it again."""


@dataclass(frozen=True)
class Case:
    """Numbers count from 1; 0 means never."""

    scenario: str = "success"
    seed: int = 0
    storm: bool = False
    crash: int = 0
    """The operator dies right after this write of its took effect, before it hears the answer."""
    down: float = 5.0
    """Seconds until the next one starts."""
    drop: int = 0
    """This watch event never arrives."""
    crashes: int = 0
    """The operator dies at that many moments of chance."""
    twins: bool = False
    """The old operator is not dead, only cut off from the news: it goes on for a while beside the new one."""

    @property
    def command(self) -> str:
        """Replays this case."""
        words = [
            "python",
            "-m",
            "tests.simulation.run",
            "--scenario",
            self.scenario,
            "--seed",
            str(self.seed),
        ]
        for name in ("crash", "drop", "crashes"):
            if getattr(self, name):
                words += [f"--{name}", str(getattr(self, name))]
        words += ["--storm"] * self.storm + ["--twins"] * self.twins
        return shlex.join(words)


@dataclass
class Result:
    """What a case that held has cost."""

    writes: int = 0
    events: int = 0
    status_writes: int = 0
    ended_after: float = 0.0
    results: dict[str, int] = field(default_factory=dict)


class World:
    """Made inside the virtual loop; `live` it once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.scenario = SCENARIOS[case.scenario]
        self.run_key = RUN
        self.server = Server(Random(f"server {case.seed}"))
        flows = self.scenario.flows
        script = lambda attempt: flows[min(attempt, len(flows)) - 1]  # noqa: E731
        self.nodes = Nodes(self.server, Random(f"nodes {case.seed}"), script)
        self.watcher = Watcher(self)
        self.words_may_be_lost = False
        self.lives = 0
        self.clients: list[Client] = []
        self.results: dict[str, int] = {}
        self.operator = self._start()

    async def live(self) -> Result:
        """Raises Broken with everything that is wrong."""
        loop = asyncio.get_running_loop()
        for at, action in self.scenario.actions:
            if at == 0:
                action(self)
            else:
                loop.call_later(at, action, self)
        self._plan_deaths()
        self.server.create(self.scenario.run())
        storm = STORM_SECONDS if self.case.storm or self.case.crashes else 0.0
        patience = storm + self.scenario.seconds
        while not self._ended():
            self.operator.check()
            await asyncio.sleep(1)
            if loop.time() > patience:
                self._fail([f"not ended after {patience} s: {self._where()}"])
        ended_after = loop.time()
        await asyncio.sleep(max(AFTERWARDS, storm))
        self.operator.check()
        faults = faults_at_the_end(self)
        if faults:
            self._fail(faults)
        return Result(
            writes=sum(client.writes for client in self.clients),
            events=sum(client.events for client in self.clients),
            status_writes=self.watcher.status_writes,
            ended_after=ended_after,
            results=self.operator.results,
        )

    def _start(self) -> Operator:
        self.lives += 1
        faults = STORM if self.case.storm else Faults()
        client = Client(
            self.server, Random(f"client {self.case.seed} {self.lives}"), replace(faults, until=STORM_SECONDS)
        )
        if self.lives == 1 and self.case.drop:
            client.drop = lambda number, type_, body: number == self.case.drop
        self.clients.append(client)
        planners: dict[str, Planner] = {
            FLOW_RUN: partial(flowrun.plan, settings=SETTINGS),
            DASK_CLUSTER: partial(daskcluster.plan, settings=SETTINGS),
        }
        operator = Operator(client, planners, self.case.seed * 100 + self.lives)
        operator.start()
        return operator

    def _plan_deaths(self) -> None:
        loop, victim = asyncio.get_running_loop(), self.operator
        if self.case.crash:

            def die(number: int) -> None:
                if number == self.case.crash:
                    self._die(victim)

            victim.client.after_write = die
        chance = Random(f"deaths {self.case.seed}")
        for _ in range(self.case.crashes):
            loop.call_later(chance.uniform(0, STORM_SECONDS), lambda: self._die(self.operator))

    def _die(self, victim: Operator) -> None:
        if victim is not self.operator or victim.client.dead:
            return
        loop = asyncio.get_running_loop()
        if self.case.twins:
            # It was frozen, and wakes with what it knew then; its calls still go through.
            victim.client.drop = lambda number, type_, body: True
            loop.call_later(self.case.down + 5, victim.kill)
        else:
            victim.kill()
        loop.call_later(self.case.down, self._restart)

    def _restart(self) -> None:
        self.operator = self._start()

    def _ended(self) -> bool:
        run: Object | None = self.server.objects.get(RUN)
        if not self.scenario.phases:
            return run is None
        last = max((at for at, _ in self.scenario.actions), default=0.0)
        return (
            asyncio.get_running_loop().time() >= last
            and run is not None
            and (run.get("status") or {}).get("phase") in TERMINAL
        )

    def _where(self) -> str:
        status = (self.server.objects.get(RUN) or {}).get("status") or {}
        pods = [
            f"{key.name} {body['status'].get('phase')}"
            for key, body in self.server.objects.items()
            if key.kind == "Pod"
        ]
        return f"{status.get('phase')} ({status.get('reason')}: {status.get('message')}); pods: {pods}"

    def _fail(self, faults: list[str]) -> None:
        raise Broken("\n".join(["", *faults, f"again: {self.case.command}"]))
