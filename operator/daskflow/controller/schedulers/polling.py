"""Asks schedulers by long-poll: how far runs are, what clusters' tasks ask for, which workers retire.

Only those of runs that run and of clusters that are being scaled, over one connection each. Nothing depends
on progress: a scheduler that cannot be reached, or that talks nonsense, costs its run the numbers in
`status.progress` and nothing else. Of scaling plans are made, so that they also hear when nobody answers.
What follows an error is decided by each `conversation`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from random import Random

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN
from daskflow.controller.known.store import Store
from daskflow.controller.schedulers import questions
from daskflow.controller.schedulers.conversation import Conversation, Watcher
from daskflow.controller.schedulers.pacing import CONNECTIONS, Pace
from daskflow.controller.schedulers.reporting import Reporter
from daskflow.controller.schedulers.scale_orders import ScaleOrders
from daskflow.controller.schedulers.targets import Target, target_of
from daskflow.controller.schedulers.wire import Connection, Listener
from daskflow.plan.model import Key, ScaleOrder

log = logging.getLogger(__name__)

Dial = Callable[[Listener, bytes], Awaitable[Watcher]]
"""To a listener, with the root key."""
Handler = Callable[[Key], Awaitable[float | None]]
"""What the queue calls with each key (`controller.queue`)."""


class Poller:
    """`update` it with each key that something has changed around: store and orders say whom to poll.

    `allowed`: whether this operator leads, so that schedulers may be told anything.
    """

    def __init__(
        self,
        store: Store,
        root_key: bytes,
        *,
        dial: Dial = Connection.dial,
        polled: Callable[[str], None] = lambda result: None,
        chance: Random | None = None,
        connections: int = CONNECTIONS,
        allowed: Callable[[], bool] = lambda: True,
        dial_dask: questions.Dial | None = None,
        turn: Callable[[Key], AbstractAsyncContextManager[None]] = lambda key: nullcontext(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._root_key = root_key
        self._dial = dial
        self._polled = polled
        self._conversations: dict[Key, Conversation] = {}
        self._of_run: dict[Key, Key] = {}
        """The cluster whose scheduler is polled for a run."""
        self._orders = ScaleOrders(allowed)
        ask = dial_dask or partial(questions.dial, root_key=root_key)
        self.questions = questions.Questions(store, dial=ask, allowed=allowed, turn=turn, now=now)
        """To schedulers that have no listener of ours."""
        self._pace = Pace(self.__len__, chance if chance is not None else Random(), connections)

    def __len__(self) -> int:
        """How many schedulers are polled."""
        return len(self._conversations)

    def after(self, handler: Handler) -> Handler:
        """A handler for the queue that also updates with each key, once the given one is through with it."""

        async def both(key: Key) -> float | None:
            try:
                return await handler(key)
            finally:
                try:
                    self.update(key)
                except Exception:
                    log.exception("the scheduler of %s %s/%s is not polled", *key)

        return both

    def set_order(self, key: Key, order: ScaleOrder | None) -> None:
        """What this DaskCluster's scheduler is to know of its workers; None: nothing, it is not asked."""
        undelivered, known = self._orders.set(key, order), self._conversations.get(key)
        if undelivered and known is not None:
            known.hurry()

    def update(self, key: Key) -> None:
        """Begin, go on or cease to poll, by what the store says now."""
        self.questions.update(key)
        if key.kind == DASK_CLUSTER:
            self._update(key)
        elif key.kind == FLOW_RUN:
            run = self._store.get(key)
            name = (((run or {}).get("status") or {}).get("cluster") or {}).get("name", "")
            for cluster in {Key(DASK_CLUSTER, key.namespace, name), self._of_run.get(key)}:
                if cluster is not None:
                    self._update(cluster)

    def halt(self) -> list["asyncio.Task[None]"]:
        """Drop all connections, and what schedulers were told; answers the tasks that are about to end."""
        conversations = list(self._conversations.values())
        self._conversations.clear()
        self._of_run.clear()
        self._orders.forget_all()
        return [*(each.end() for each in conversations), *self.questions.halt()]

    async def stop(self) -> None:
        """The same, and waits for them."""
        await asyncio.gather(*self.halt(), return_exceptions=True)

    def _update(self, key: Key) -> None:
        body = self._store.get(key)
        if body is None:
            self._orders.forget(key)
        scaled = self._orders.active(key)
        wanted = target_of(self._store, key, scaled=scaled)
        if body is not None and (not scaled or wanted is None):
            # Of a scheduler that is not asked nothing is known.
            self._store.reports.report_scaling(key, body["metadata"]["uid"], None)
        known = self._conversations.get(key)
        if known is not None and known.target != wanted:
            self._cease(known)
            known = None
        if known is None and wanted is not None:
            self._begin(wanted)

    def _begin(self, wanted: Target) -> None:
        self._conversations[wanted.key] = Conversation(
            wanted,
            Reporter(wanted, self._store.reports, self._orders, self._pace),
            self._orders,
            self._pace,
            dial=partial(self._dial, wanted.listener, self._root_key),
            polled=self._polled,
        )
        if wanted.run is not None:
            self._of_run[wanted.run] = wanted.key

    def _cease(self, known: Conversation) -> None:
        known.end()
        del self._conversations[known.target.key]
        if known.target.run is not None:
            self._of_run.pop(known.target.run, None)
