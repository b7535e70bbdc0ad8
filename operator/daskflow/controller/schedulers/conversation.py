"""The conversation with one scheduler: orders are told, news asked for, and errors waited out.

What follows an error is decided here, in `_failed`: a scheduler that cannot be reached, is late or gives an
answer that cannot be used is asked again later and later (`pacing`), and lost at last (`reporting`). One that
overrules an order has answered.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from daskflow.controller.schedulers.answers import Answer, ControlError
from daskflow.controller.schedulers.pacing import AWAITED_SECONDS, AWAITED_TIMES, Pace
from daskflow.controller.schedulers.reporting import Reporter
from daskflow.controller.schedulers.scale_orders import ScaleOrders
from daskflow.controller.schedulers.targets import Target
from daskflow.controller.schedulers.wire import Overruled
from daskflow.plan.model import ScaleOrder

log = logging.getLogger(__name__)


class Watcher(Protocol):
    """What a Connection is to us."""

    async def watch(self, since: int, wait: float) -> Answer:
        """See Connection."""

    async def scale(self, order: ScaleOrder) -> Answer:
        """See Connection."""

    def close(self) -> None:
        """See Connection."""


class Conversation:
    """Begins at once, inside the running loop, and lasts until `end`, over one connection after the other.

    `polled` is called with what came of each question: "news", "nothing" or "error".
    """

    def __init__(
        self,
        target: Target,
        reporter: Reporter,
        orders: ScaleOrders,
        pace: Pace,
        *,
        dial: Callable[[], Awaitable[Watcher]],
        polled: Callable[[str], None],
    ) -> None:
        self.target = target
        self._reporter = reporter
        self._orders = orders
        self._pace = pace
        self._dial = dial
        self._polled = polled
        self._changed = asyncio.Event()
        """Set when there is an order to deliver."""
        self._poll: asyncio.Timeout | None = None
        """Around the question that is under way."""
        self._version = 0
        """Of the scheduler's last answer: it keeps a question until it has a newer one."""
        self._failures = 0
        self._awaited = AWAITED_TIMES
        self._task = asyncio.create_task(self._poll_on())

    def hurry(self) -> None:
        """There is an order to deliver: rest no longer, give up the question that is under way."""
        self._changed.set()
        if self._poll is not None:
            self._poll.reschedule(asyncio.get_running_loop().time())

    def end(self) -> "asyncio.Task[None]":
        """Drop the connection; answers the task that is about to end."""
        self._task.cancel()
        return self._task

    @property
    def _scaled(self) -> bool:
        return self._orders.active(self.target.key)

    async def _poll_on(self) -> None:
        """Until cancelled."""
        where = self.target.key[1:]
        if not self._scaled:
            await self._rest(self._pace.apart())
        while True:
            async with self._pace.slot():
                try:
                    rest = await self._converse()
                except ControlError as error:
                    log.debug("the scheduler of %s/%s: %s", *where, error)
                    rest = self._failed(answered=isinstance(error, Overruled))
                except Exception:
                    log.exception("the scheduler of %s/%s", *where)
                    rest = self._failed()
            await self._rest(rest)

    async def _rest(self, seconds: float) -> None:
        """So long, or until there is an order to deliver."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            self._changed.clear()

    async def _converse(self) -> float:
        """Ask over one connection until others want its slot. Answers in how many seconds to ask again."""
        loop = asyncio.get_running_loop()
        await self._pace.turn_to_dial()
        connection = await self._dial()
        try:
            while True:
                asked = loop.time()
                answer = await self._question(connection)
                if answer is None:
                    return 0.0
                self._version, self._failures = answer.version, 0
                news = self._reporter.report(answer)
                self._polled("news" if news else "nothing")
                rest = self._pace.until_next(asked, news=news, scaled=self._scaled)
                if self._pace.crowded:
                    return rest
                if self._awaited > 0 and _runner_awaited(answer):
                    self._awaited -= 1
                    rest = min(rest, AWAITED_SECONDS)
                await self._rest(rest)
        finally:
            connection.close()

    async def _question(self, connection: Watcher) -> Answer | None:
        """Deliver an order, or wait for news; None when an order came in between.

        A connection takes one question at a time: the one that was under way takes it along.
        """
        key = self.target.key
        order = self._orders.undelivered(key)
        self._changed.clear()
        if order is not None:
            answer = await connection.scale(order)
            self._orders.delivered(key, order)
            self._reporter.delivered = True
            return answer
        counted_at = self._reporter.counted_at if self._scaled else None
        try:
            async with asyncio.timeout(None) as self._poll:
                return await connection.watch(self._version, self._pace.patience(counted_at))
        except TimeoutError:
            return None
        finally:
            self._poll = None

    def _failed(self, *, answered: bool = False) -> float:
        """Nothing came of it: in how many seconds to try again. `answered`: but the scheduler is there."""
        self._polled("error")
        self._failures += 1
        if not answered:
            self._reporter.no_usable_answer()
        return self._pace.backoff(self._failures, scaled=self._scaled)


def _runner_awaited(answer: Answer) -> bool:
    """Of a cluster that is to wait for a run, and has not been claimed."""
    said = answer.standby
    return said is not None and not said.parked and not said.run
