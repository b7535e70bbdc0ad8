"""What an operator does that leads, and leaves undone while it stands by.

One that stands by hears everything, so that it can begin at once; it plans nothing, lists nothing again, asks
no scheduler, and remembers no key that is to be looked at. When it begins to lead it knows no more than what
the API server has told: it lists the children once, as at a start, and looks at everything.
"""

import asyncio
import logging
from collections.abc import Callable

from daskflow.controller.known.freshness import Refresher
from daskflow.controller.known.store import Store
from daskflow.controller.lease import Lease
from daskflow.controller.queue import Handler, Queue
from daskflow.controller.schedulers.polling import Poller
from daskflow.plan.model import Key

log = logging.getLogger(__name__)

HALT_SECONDS = 1.0
"""Looks under way may end within this when the lease is lost or given back: calls take less, usually."""


class Leading:
    """`changed` is what the store calls; `work` lasts until cancelled, over one term after the other.

    `took` is called at the begin of each term's work with the seconds for which nobody had led.
    """

    def __init__(self, queue: Queue, took: Callable[[float], None] = lambda seconds: None) -> None:
        self.began = asyncio.Event()
        """Set while there is work."""
        self._queue = queue
        self._took = took

    def works(self) -> bool:
        """Whether this one leads, and has listed what it has to know for that."""
        return self.began.is_set()

    def changed(self, key: Key) -> None:
        """Something is to be looked at, by whoever leads."""
        if self.works():
            self._queue.add(key)

    def all_changed(self, store: Store) -> None:
        """Everything is to be looked at."""
        for key in store.custom():
            self.changed(key)

    async def work(
        self, lease: Lease, store: Store, refresher: Refresher, poller: Poller, handler: Handler
    ) -> None:
        """Lead whenever the lease can be had. Everything has been listed once by now."""
        while True:
            await lease.acquire()
            log.info("leads")
            keeping = asyncio.create_task(lease.keep())
            beginning = asyncio.create_task(self._begin(lease, store, refresher, handler))
            try:
                await asyncio.wait((keeping, beginning), return_when=asyncio.FIRST_COMPLETED)
                if beginning.done():
                    beginning.result()
                await keeping
            finally:
                keeping.cancel()
                beginning.cancel()
                self.began.clear()
            log.warning("leads no longer: the lease was not renewed in time, or another has it")
            await self.halt(poller)

    async def halt(self, poller: Poller) -> None:
        """Begin nothing any more; what is under way is given a second."""
        self.began.clear()
        await self._queue.stop(HALT_SECONDS)
        # A look that ends has its scheduler asked anew.
        await poller.stop()

    async def _begin(self, lease: Lease, store: Store, refresher: Refresher, handler: Handler) -> None:
        store.begin_anew()
        await refresher.refresh_all()
        self.began.set()
        self._queue.start(handler)
        self.all_changed(store)
        self._took(lease.vacant())
