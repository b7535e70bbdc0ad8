"""Operators that lead by a lease: one leads and one stands by, until something befalls who leads."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from math import inf

from daskflow.plan.model import Key

from tests.simulation import loop as virtual
from tests.simulation.cases import Case
from tests.simulation.operators.process import Operator
from tests.simulation.result import Broken, Result
from tests.simulation.world import STORM_SECONDS, World

LEASE = Key("Lease", "daskflow-system", "daskflow")
AWAY = 60.0
"""Seconds for which one is frozen, or cut off."""
RATES = (1.0, 1.05, 0.93)
"""How fast the monotonic clocks of the operators' machines go, in turn."""
AHEAD = (0.0, 3600.0, 0.0)
"""By how many seconds their wall clocks are wrong."""
CRASH_SECONDS = 20.0
"""Until another works, after a crash, a freeze or a cut."""
STOP_SECONDS = 3.0
"""The same after SIGTERM."""


@dataclass
class Takeover:
    """What befell whom, and when; `worked` is when another one worked."""

    what: str
    at: float
    victim: Operator
    under_way: int
    alone: bool
    """Whether nobody stood by: not started yet, or frozen or cut off as well."""
    worked: float | None = None


class StandbyWorld(World):
    """`what` befalls the leader after write `case.crash` of the first one, and at moments of chance."""

    def __init__(self, case: Case, what: str, replicas: int = 2) -> None:
        self.what = what
        self._away: dict[Operator, float] = {}
        """Until when those whom something befell do nothing."""
        self.takeovers: list[Takeover] = []
        self.late_writes: dict[str, int] = {}
        """By operator: writes that took effect while another had the lease."""
        self._processes: dict[str, virtual.Process] = {}
        # What is under way when a process freezes arrives when it thaws, as from a second operator.
        super().__init__(replace(case, twins=what == "freeze"))
        for _ in range(replicas - 1):
            self._start()

    @property
    def operator(self) -> Operator:
        """The one that has the lease, or begun last."""
        holder = self.server.objects.get(LEASE, {"spec": {}})["spec"].get("holderIdentity") or ""
        number = int(holder.rpartition("-")[2] or len(self.operators))
        return self.operator_number(number)

    async def live(self) -> Result:
        """Raises Broken with everything that is wrong."""
        result = await super().live()
        if faults := self._faults():
            raise Broken("\n".join(["", *faults, f"after {self.what}, again: {self.case.command}"]))
        for each in self.operators:
            each.kill()
        return result

    def _start(self) -> None:
        number = len(self.operators) + 1
        name = f"operator-{number}"
        process = self._processes[name] = virtual.Process()
        client = self._client(number)
        client.after_write = partial(self._wrote, name)
        rate, ahead = RATES[number % len(RATES)], timedelta(seconds=AHEAD[number % len(AHEAD)])
        loop = asyncio.get_running_loop()

        def begin() -> Operator:
            process.enter()
            return self._operator(
                client,
                number,
                now=lambda: self._clock() + ahead,
                identity=name,
                ticks=lambda: loop.time() * rate,
            )

        self.operators.append(copy_context().run(begin))
        self.operator_number(number).began = self._began

    def operator_number(self, number: int) -> Operator:
        """The one that was started as that, from 1."""
        return self.operators[number - 1]

    def _began(self, operator: Operator) -> None:
        for each in self.takeovers:
            if each.worked is None and operator.terms[-1] > each.at:
                each.worked = operator.terms[-1]

    def _wrote(self, name: str, number: int) -> None:
        holder = self.server.objects[LEASE]["spec"].get("holderIdentity")
        if holder != name:
            self.late_writes[name] = self.late_writes.get(name, 0) + 1
        if name == "operator-1":
            self._written(number)

    def _die(self, victim: Operator) -> None:
        loop = asyncio.get_running_loop()
        if victim in self._dying or not victim.terms:
            return
        self._dying.append(victim)
        alone = not any(self._stands_by(each) for each in self.operators)
        self._away[victim] = loop.time() + (inf if self.what in ("kill", "stop") else AWAY)
        self.takeovers.append(Takeover(self.what, loop.time(), victim, victim.client._under_way, alone))
        copy_context().run(_ACTS[self.what], self, victim)

    def _stands_by(self, operator: Operator) -> bool:
        ready = all(informer.listed.is_set() for informer in operator.informers)
        away = self._away.get(operator, 0.0) > asyncio.get_running_loop().time()
        return ready and not away and not operator.leading.works()

    def process_of(self, operator: Operator) -> virtual.Process:
        """Its process, which can be frozen."""
        return self._processes[f"operator-{self.operators.index(operator) + 1}"]

    def restart_soon(self) -> None:
        """The Deployment makes another one."""
        asyncio.get_running_loop().call_later(self.case.down, self._start)

    def _faults(self) -> list[str]:
        found = []
        # Alone, it goes on with its own lease when it wakes, or another is started.
        for each in (each for each in self.takeovers if not each.alone):
            # In a storm calls of whoever takes over fail as well.
            limit = STORM_SECONDS * self.case.storm + (STOP_SECONDS if each.what == "stop" else CRASH_SECONDS)
            took = None if each.worked is None else each.worked - each.at
            if took is None or took > limit:
                found.append(f"{each.what} at {each.at:.1f} s: another worked after {took} s, not {limit}")
        sent = {each.victim: each.under_way for each in self.takeovers if each.what == "freeze"}
        for number, operator in enumerate(self.operators, 1):
            late = self.late_writes.get(f"operator-{number}", 0)
            if late > sent.get(operator, 0):
                found.append(f"operator-{number} wrote {late} times while another had the lease")
        return found


def _kill(world: StandbyWorld, leader: Operator) -> None:
    leader.kill()
    world.restart_soon()


def _stop(world: StandbyWorld, leader: Operator) -> None:
    world.stopping = asyncio.ensure_future(leader.stop())
    world.restart_soon()


def _freeze(world: StandbyWorld, leader: Operator) -> None:
    world.process_of(leader).thaws = asyncio.get_running_loop().time() + AWAY


def _cut(world: StandbyWorld, leader: Operator) -> None:
    def mend() -> None:
        leader.client.cut = False

    leader.client.cut = True
    asyncio.get_running_loop().call_later(AWAY, mend)


_ACTS: dict[str, Callable[[StandbyWorld, Operator], None]] = {
    "kill": _kill,
    "stop": _stop,
    "freeze": _freeze,
    "cut": _cut,
}
WHAT = tuple(_ACTS)


def try_standby(case: Case, what: str, replicas: int = 2) -> tuple[Result, StandbyWorld]:
    """Lives one case; raises Broken."""

    async def live() -> tuple[Result, StandbyWorld]:
        world = StandbyWorld(case, what, replicas)
        return await world.live(), world

    return virtual.run(live(), virtual.FreezingLoop)
