"""Asks schedulers that have no listener of ours what plans want to know, as long as they do.

One connection and one task for each object whose plan asks. Answers go to the store, which has the object
planned again. A scheduler that does not answer is asked later and later, and told of as lost after half a
minute.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

from daskflow.controller.known.store import Store
from daskflow.controller.schedulers.answers import ControlError
from daskflow.controller.schedulers.dask_rpc import SchedulerComm, Turn
from daskflow.controller.schedulers.pacing import LONGEST_BACKOFF, LONGEST_BACKOFF_SCALING
from daskflow.controller.schedulers.retiring import Retiring
from daskflow.controller.schedulers.tls import context_for
from daskflow.plan.model import Answer, Key, Question
from daskflow.plan.question import Keys

log = logging.getLogger(__name__)

PERIOD = 2.0
"""Seconds between two calls for the same; workers that are to go are looked at twice as often."""
LOST_SECONDS = 30.0
MOST_DEMAND = 1_000_000
LATEST = 10**10
"""Seconds since 1970, in the year 2286: what a scheduler says is reckoned with."""


class Called(Protocol):
    """A connection to a scheduler (`dask_rpc.SchedulerComm`)."""

    turn: Turn

    async def call(self, op: str, seconds: float = ..., **arguments: Any) -> Any:
        """What its handler of this name answers; raises ControlError."""

    def close(self) -> None:
        """Hang up."""


Dial = Callable[[str, Keys | None], Awaitable[Called]]


async def dial(address: str, keys: Keys | None, root_key: bytes) -> Called:
    """Connect to an address as Dask writes it, with its cluster's certificate. Raises ControlError."""
    parts = urlsplit(address)
    if (parts.scheme, keys is None) not in (("tcp", True), ("tls", False)) or not parts.port:
        raise ControlError(f"{address} is no address of TCP, or of TLS with a certificate")
    tls = None
    if keys is not None:
        tls = context_for(root_key, keys.cluster_uid, keys.created)
    return await SchedulerComm.dial(parts.hostname or "", parts.port, tls)


class Questions:
    """`ask` is told with each plan what its object wants to know; None: nothing any more.

    `turn` is held for an object while an answer of some megabytes is read.
    """

    def __init__(
        self,
        store: Store,
        *,
        dial: Dial,
        allowed: Callable[[], bool] = lambda: True,
        turn: Callable[[Key], AbstractAsyncContextManager[None]] = lambda key: nullcontext(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._dial = dial
        self._allowed = allowed
        self._now = now
        self._inquiries: dict[Key, _Inquiry] = {}
        self._turn = turn

    def __len__(self) -> int:
        """How many objects' schedulers are asked."""
        return len(self._inquiries)

    def ask(self, key: Key, question: Question | None) -> None:
        """Begin, go on with another question, or cease."""
        known, body = self._inquiries.get(key), self._store.get(key)
        if known is not None and (body is None or question is None or not known.fits(body, question)):
            self._cease(key, known)
            known = None
        if body is None or question is None:
            return
        if known is not None:
            known.put(question)
            return
        turn = partial(self._turn, key)
        uid = body["metadata"]["uid"]
        inquiry = _Inquiry(key, uid, question, self._store, self._dialled(turn), self._allowed, self._now)
        self._inquiries[key] = inquiry
        inquiry.begin()

    def _dialled(self, turn: Turn) -> Dial:
        async def dialled(address: str, keys: Keys | None) -> Called:
            connection = await self._dial(address, keys)
            connection.turn = turn
            return connection

        return dialled

    def update(self, key: Key) -> None:
        """Ceases where the object is gone."""
        if key in self._inquiries and self._store.get(key) is None:
            self.ask(key, None)

    def halt(self) -> list["asyncio.Task[None]"]:
        """Drop all; answers the tasks that are about to end."""
        ended = [inquiry.end() for inquiry in self._inquiries.values()]
        self._inquiries.clear()
        return ended

    def _cease(self, key: Key, known: "_Inquiry") -> None:
        known.end()
        del self._inquiries[key]
        self._store.reports.report_answer(key, known.uid, known.last_word)


class _Inquiry:
    """What one object's plans ask of one scheduler."""

    def __init__(
        self,
        key: Key,
        uid: str,
        question: Question,
        store: Store,
        dial: Dial,
        allowed: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self.uid = uid
        self._key = key
        self._question = question
        self._store = store
        self._dial = dial
        self._allowed = allowed
        self._now = now
        self._retiring = Retiring()
        self._changed = asyncio.Event()
        self._failures = 0
        """In a row."""
        self._task: asyncio.Task[None] | None = None

    @property
    def last_word(self) -> Answer | None:
        """What stays true when nobody asks any more: workers that were told to retire take no more tasks."""
        left = self._retiring.unfinished
        return Answer(self._question.scheduler, retired=left) if left else None

    def fits(self, body: Any, question: Question) -> bool:
        """Whether it is the same object and the same scheduler."""
        same = (question.scheduler, question.address) == (self._question.scheduler, self._question.address)
        return bool(body["metadata"]["uid"] == self.uid and same)

    def put(self, question: Question) -> None:
        """Go on with this one."""
        if question != self._question:
            self._question = question
            self._changed.set()

    def begin(self) -> None:
        """Ask from now on."""
        self._task = asyncio.create_task(self._run())

    def end(self) -> "asyncio.Task[None]":
        """Ask no more."""
        assert self._task is not None
        self._task.cancel()
        return self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        heard, connection = loop.time(), None
        try:
            while True:
                self._changed.clear()
                try:
                    if self._allowed():
                        connection = connection or await self._dial(
                            self._question.address, self._question.keys
                        )
                        self._report(await self._asked(connection))
                        heard, self._failures = loop.time(), 0
                except Exception as error:
                    # What it says may be anything: nobody ceases to be asked for a fault of ours, either.
                    known = isinstance(error, ControlError)
                    level = logging.INFO if known else logging.ERROR
                    log.log(level, "the scheduler of %s %s/%s: %r", *self._key, error, exc_info=not known)
                    if connection is not None:
                        connection.close()
                    connection = None
                    self._failures += 1
                    if loop.time() - heard >= LOST_SECONDS:
                        self._report(Answer(self._question.scheduler, lost=True))
                await self._pause(heard + LOST_SECONDS - loop.time())
        finally:
            if connection is not None:
                connection.close()

    async def _pause(self, until_lost: float) -> None:
        """`until_lost`: seconds; whoever is lost by then is told of on time."""
        seconds = PERIOD / 2 if self._question.surplus else PERIOD
        if self._failures:
            scaled = self._question.surplus or self._question.demand
            longest = LONGEST_BACKOFF_SCALING if scaled else LONGEST_BACKOFF
            seconds = min(longest, seconds * 2.0 ** min(self._failures - 1, 10))
            seconds = min(seconds, until_lost) if until_lost > 0 else seconds
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _asked(self, connection: Called) -> Answer:
        question = self._question
        answer: dict[str, Any] = {}
        if question.demand:
            answer["demand"] = _demand(await connection.call("adaptive_target"))
        if question.idle:
            answer["idle_since"] = _idle(
                await connection.call("check_idle"), question.idle_seconds, self._now()
            )
            answer["holds"] = bool(answer["idle_since"]) and bool(await connection.call("nbytes"))
        if question.surplus or self._retiring.unfinished:
            now = asyncio.get_running_loop().time
            answer["retired"] = await self._retiring.step(connection, question, now)
        return Answer(question.scheduler, **answer)

    def _report(self, answer: Answer) -> None:
        self._store.reports.report_answer(self._key, self.uid, answer)


def _demand(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= MOST_DEMAND:
        raise ControlError(f"a demand of {said!r:.80}")
    return int(said)


def _idle(said: Any, seconds: float, now: datetime) -> datetime | None:
    """Since when, if that has been for so many seconds now.

    A scheduler that was given work and is too busy to answer has said before that it idles.
    """
    since = _instant(said)
    return since if since is not None and (now - since).total_seconds() >= seconds else None


def _instant(said: Any) -> datetime | None:
    if said is None or said == 0:
        return None
    try:
        if not 0 < float(said) < LATEST:
            raise ValueError("out of range")
        return datetime.fromtimestamp(float(said), UTC).replace(microsecond=0)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise ControlError(f"idle since {said!r:.80}") from error
