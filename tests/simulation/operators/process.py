"""The real operator's parts, wired as in `daskflow.controller.parts`, on a simulated connection."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any

from daskflow.api.names import FLOW_SCHEDULE
from daskflow.controller.apply import Applier
from daskflow.controller.clock import ClockWatch, WallClock
from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.fenced import Fenced
from daskflow.controller.kubernetes.kinds import (
    CHILDREN,
    CONFIG_MAPS,
    CUSTOM,
    DASK_KUBERNETES,
    LEFT,
    SELECTORS,
)
from daskflow.controller.kubernetes.watch import Informer
from daskflow.controller.leading import Leading
from daskflow.controller.lease import Lease
from daskflow.controller.queue import Queue
from daskflow.controller.reconcile import Planner, Reconciler
from daskflow.controller.schedulers import questions
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.polling import Dial, Poller
from daskflow.controller.schedulers.tells import Dial as TellDial
from daskflow.controller.schedulers.tells import Tells

from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client
from tests.simulation.operators.counted import Counted


class Operator:
    """`start` it, `kill` it (at once, in the middle of whatever it does); a new one is a restart.

    With an `identity` it leads by a lease, and stands by otherwise; `ticks` is its machine's monotonic clock.
    Without one it writes at any time, as two operators that know nothing of each other.

    It watches the kinds for which there is a planner, so that lives without schedules cost nothing for them.

    kopf's watches of the custom resources are informers in here: the same list, watch and list again.
    """

    def __init__(
        self,
        client: Client,
        planners: Mapping[str, Planner],
        seed: int,
        dial: Dial | None = None,
        now: Callable[[], datetime] = instant,
        identity: str = "",
        ticks: Callable[[], float] | None = None,
        *,
        namespace_defaults: bool = False,
        dial_dask: questions.Dial | None = None,
        dial_listener: TellDial | None = None,
    ) -> None:
        self.client = client
        clock = WallClock(now)
        client.dated = clock.set_server_time
        now = clock.now
        self.queue = Queue(limit=8, chance=Random(seed))
        self.leading = Leading(self.queue, self._took)
        self.terms: list[float] = []
        """When it began to work, term by term."""
        self.began: Callable[[Operator], None] = lambda operator: None
        """Hears of each."""
        self.lease = _lease(client, identity, now, ticks, Random(seed + 52)) if identity else None
        self.store = Store(changed=self.leading.changed if self.lease else self.queue.add)
        self.results: dict[str, int] = {}
        allowed = self.lease.held if self.lease else lambda: True
        writes = Fenced(client, allowed)
        self.recorder = Recorder(writes, now)
        self.refresher = Refresher(client, self.store, (None,), self.queue.heard, tuple(planners))
        self.poller = Poller(
            self.store,
            bytes(32),
            dial=dial or _nobody,
            chance=Random(seed + 51),
            allowed=allowed,
            dial_dask=dial_dask or _nobody,
        )
        tells = Tells(self.store, bytes(32), now, client.get, dial=dial_listener or _nobody, allowed=allowed)
        asks = {"scale": self.poller.set_order, "ask": self.poller.questions.ask, "tell": tells.tell}
        applier = Applier(writes, self.store, self.recorder, progressed=self.queue.progressed, **asks)
        self.counted = Counted(planners)
        self.reconciler = Reconciler(
            self.counted.planners,
            self.store,
            self.queue,
            applier,
            self.recorder,
            self.refresher,
            now,
            self._count,
        )
        self.informers = [self._informer(kind, Random(seed + n)) for n, kind in enumerate(_watched(planners))]
        if namespace_defaults:
            self.informers.append(self._defaults_informer(Random(seed + 40)))
        self._clock_watch = ClockWatch(now, self._look_again)
        self._schedules = FLOW_SCHEDULE in planners
        self._tasks: list[asyncio.Task[None]] = []

    def _informer(self, kind: str, chance: Random) -> Informer:
        def rests() -> bool:
            return self.lease is not None and not self.leading.works()

        selector = SELECTORS.get(kind, "")
        return Informer(self.client, self.store, kind, selector=selector, chance=chance, resting=rests)

    def _defaults_informer(self, chance: Random) -> Informer:
        self.store.namespace_defaults.tell = self.recorder.tell
        return Informer(self.client, self.store.namespace_defaults, CONFIG_MAPS, chance=chance)

    def start(self) -> None:
        """Begin to list; work begins when everything has been listed."""
        self._tasks = [asyncio.create_task(informer.run()) for informer in self.informers]
        self._tasks.append(asyncio.create_task(self._work()))
        if self._schedules:
            self._tasks.append(asyncio.create_task(self._clock_watch.run()))

    def kill(self) -> None:
        """SIGKILL: nothing of it does anything any more, calls under way included."""
        self.client.dead = True
        for task in (*self._tasks, *self.queue.workers, *self.refresher.lists, *self.recorder.waiting):
            task.cancel()
        self.poller.halt()
        self.queue.halt()

    def check(self) -> None:
        """Raise what ended a part of the operator that should never end."""
        assert not self.counted.faults, self.counted.faults[0]
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
                raise AssertionError(f"{task} ended")

    async def stop(self) -> None:
        """SIGTERM: nothing is begun any more, and the lease is given back."""
        for task in self._tasks:
            task.cancel()
        await self.leading.halt(self.poller)
        await self.recorder.stop(0.3)
        if self.lease is not None:
            await self.lease.release()
        self.kill()

    def _look_again(self) -> None:
        if self.lease is None:
            self.queue.add_all(self.store.custom())
        else:
            self.leading.all_changed(self.store)

    async def _work(self) -> None:
        for informer in self.informers:
            await informer.listed.wait()
        handler = self.poller.after(self.reconciler.reconcile)
        if self.lease is not None:
            await self.leading.work(self.lease, self.store, self.refresher, self.poller, handler)
        await self.refresher.refresh_all()
        self.queue.start(handler)
        await asyncio.Event().wait()

    def _took(self, seconds: float) -> None:
        self.terms.append(asyncio.get_running_loop().time())
        self.began(self)

    def _count(self, kind: str, result: str, seconds: float) -> None:
        self.results[result] = self.results.get(result, 0) + 1


def _lease(
    client: Client,
    identity: str,
    now: Callable[[], datetime],
    ticks: Callable[[], float] | None,
    chance: Random,
) -> Lease:
    clock = ticks or asyncio.get_running_loop().time
    return Lease(client, "daskflow-system", "daskflow", identity, now, clock=clock, chance=chance)


def _watched(planners: Mapping[str, Planner]) -> list[str]:
    """In the order of the kinds: seeds are counted by it."""
    theirs = list(filter(planners.get, DASK_KUBERNETES))
    return [*filter(planners.get, CUSTOM), *theirs, *CHILDREN, *(LEFT if theirs else ())]


async def _nobody(*address: object) -> Any:
    raise ControlError("there are no listeners here")
