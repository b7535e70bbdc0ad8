"""A scheduler's control listener as the operator meets it: orders, retirement, demand, and a bad line.

It follows the contract of scaling: an order holds until a newer one, the scheduler chooses who goes, and a
worker that was let go ends by itself and says so.
"""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from daskflow.api.names import WORKER
from daskflow.controller.schedulers.answers import Answer, ControlError
from daskflow.controller.schedulers.wire import Listener, Overruled
from daskflow.plan.model import GroupOrder, ScaleOrder, Waiting
from daskflow.plan.question import Tell
from daskflow.plan.run.claim import PATH as CLAIM

from tests.simulation.operators.client import Client

if TYPE_CHECKING:
    from tests.simulation.kubernetes.nodes import Nodes
    from tests.simulation.kubernetes.pods import Life

TICK = 0.25
MOVING = (0.2, 4.0)
"""Seconds in which a worker finishes what it runs and its data has moved."""


class Scaler:
    """What a scheduler does with its workers. Made when it listens."""

    def __init__(self, life: "Life") -> None:
        self.life = life
        self.nodes = life.nodes
        self.revision = 0
        self.orders: Mapping[str, GroupOrder] = {}
        self.heard: list[Tell] = []
        """Single words, as often as they came."""
        self.refuses = False
        """It takes none: another's holds."""
        self.claim: Mapping[str, Any] | None = None
        """Of one that waits for a run: the first that was said, which counts."""
        self.parked: str | None = None
        """The uid of the runner that waits with it, once it does."""
        self._version = 1
        self._said: Any = None

    @property
    def workers(self) -> list["Life"]:
        """Those that have registered and are still there."""
        found = self.nodes.of(self.life.cluster, WORKER)
        return [each for each in found if each.role.listening and each.reaches(self.life)]

    def take(self, order: ScaleOrder) -> None:
        """Raises Overruled for one older than the last."""
        if order.revision < self.revision:
            raise Overruled(f"revision {self.revision} was taken")
        self.revision, self.orders = order.revision, dict(order.groups)
        self.retire()

    def retire(self) -> None:
        """More have registered than there should be: some go. Repeated for as long as the scheduler lives."""
        for name, order in self.orders.items():
            staying = [each for each in self.workers if each.group == name and not each.role.retiring]
            loose = [each for each in staying if each.key.name not in self.nodes.actors]
            for each in loose[: max(0, len(staying) - order.replicas)]:
                each.role.retiring = True
                seconds = min(self.nodes.chance.uniform(*MOVING), order.drain)
                asyncio.get_running_loop().call_later(seconds, each.role.retire)

    def state(self) -> Answer:
        """What it tells; the version is a new one when any of it is."""
        staying = dict.fromkeys(self.orders, 0)
        for each in self.workers:
            if each.group in staying and not each.role.retiring:
                staying[each.group] += 1
        held = {
            each.key.name: "1 actor"
            for each in self.workers
            if each.key.name in self.nodes.actors
            and each.group in self.orders
            and staying[each.group] > self.orders[each.group].replicas
        }
        demand = {
            name: self._demand(name, *order.autoscale)
            for name, order in self.orders.items()
            if order.autoscale is not None
        }
        retiring = frozenset(each.key.name for each in self.workers if each.role.retiring)
        begun = self.life.role.begun is not None
        standby = self._standby()
        if self._said != (demand, retiring, held, begun, standby):
            self._said = (demand, retiring, held, begun, standby)
            self._version += 1
        return Answer(
            self._version, 0, 0, ("1",), begun, demand=demand, retiring=retiring, held=held, standby=standby
        )

    def _standby(self) -> Waiting | None:
        if not self.life.role.waits:
            return None
        run = self.claim["run"] if self.claim else ""
        return Waiting(self.parked is not None, run=run, registered=len(self.workers))

    def take_claim(self, said: Mapping[str, Any]) -> None:
        """Raises Overruled where it is another's already, or waits for nobody."""
        if not self.life.role.waits:
            raise Overruled("answered b'HTTP/1.1 404'")
        if self.claim is None:
            self.claim = said
            self.life.role.leased_at = asyncio.get_running_loop().time()
            self.nodes.claimed(self.life.owner, said["run"], said["attempt"])
        elif (self.claim["run"], self.claim["attempt"]) != (said["run"], said["attempt"]):
            raise Overruled("another was taken")

    def _demand(self, group: str, minimum: int, maximum: int, delay: int, target: int) -> int:
        """The most that was asked for within the delay: a fall is told late, a rise at once."""
        now = asyncio.get_running_loop().time()
        loads = self.nodes.loads.get(group, [(0.0, 0)])
        ends = [at for at, _ in loads[1:]] + [float("inf")]
        recent = [load for (_, load), end in zip(loads, ends, strict=True) if end > now - delay]
        return min(max(max(recent), minimum), maximum)


class Link:
    """One operator's connection to a listener: as slow and as lossy as that to the API server."""

    def __init__(self, scheduler: "Life", client: Client, chance: Random) -> None:
        self._scheduler = scheduler
        self._client = client
        self._chance = chance

    async def scale(self, order: ScaleOrder) -> Answer:
        await self._pass()
        self._reached().take(order)
        await self._pass()
        return self._reached().state()

    async def tell(self, word: Tell) -> None:
        await self._pass()
        scaler = self._reached()
        scaler.heard.append(word)
        if word.path == CLAIM and not scaler.refuses:
            scaler.take_claim(word.body)
        await self._pass()
        if scaler.refuses:
            raise Overruled("another was taken")

    async def watch(self, since: int, wait: float) -> Answer:
        await self._pass()
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while (state := self._reached().state()).version == since and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(TICK)
        return state

    def close(self) -> None:
        """Nothing is kept."""

    async def _pass(self) -> None:
        faults = self._client.faults
        await asyncio.sleep(self._chance.uniform(*faults.latency))
        if self._client.dead:
            await asyncio.Event().wait()
        if faults.lost and self._chance.random() < faults.lost:
            raise ControlError("lost")

    def _reached(self) -> Scaler:
        life = self._scheduler
        if not life.alive or life.cut or life.role.scaler is None or life.nodes.deaf:
            raise ControlError("no answer")
        return life.role.scaler


class Network:
    """Dials for one operator."""

    def __init__(self, nodes: "Nodes", client: Client, chance: Random) -> None:
        self._nodes = nodes
        self._client = client
        self._chance = chance

    async def dial(self, listener: Listener, root_key: bytes) -> Link:
        """The listener of the scheduler that has this address."""
        await asyncio.sleep(self._chance.uniform(*self._client.faults.latency))
        life = next((each for each in self._nodes.lives.values() if each.ip == listener.ip), None)
        if life is None or not life.alive or life.cut or self._nodes.deaf:
            raise ControlError("nobody there")
        return Link(life, self._client, self._chance)
