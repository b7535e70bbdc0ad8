"""Which keys are to be looked at, and when: one worker a key, nothing queued twice, nothing forgotten.

Namespaces take turns, so that one with thousands of runs keeps no other waiting.

Only the event loop's clock is used, and chance is given, so that a loop with virtual time drives it
deterministically.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from random import Random

from daskflow.controller.fairness import Turns
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key

log = logging.getLogger(__name__)

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 300.0
"""Seconds. A bad object costs one try every five minutes at the end; a change of it is looked at at once."""
LONGEST_CLASH = 5.0
"""After a 409: whatever was in the way, as a quota's own bookkeeping, goes in moments."""
LONGEST_RIGHTLESS = 30.0
"""While the operator lacks a right: everything waits for it, and goes on when somebody has given it back."""

NEW_EVERY = 4
"""So many looks have one at something new among them, whatever else waits."""
OTHERS_EVERY = 8
"""So many looks have one at what has no time of its own, however much is due."""

Handler = Callable[[Key], Awaitable[float | None]]
"""Looks at one key; answers in how many seconds it wants to look again, if at all. Raising means: later."""


class Queue:
    """Fill it with `add` at any time; nothing is taken from it before `start`."""

    def __init__(self, *, limit: int = 32, chance: Random | None = None) -> None:
        self._limit = limit
        self._chance = chance if chance is not None else Random()
        self._handler: Handler | None = None
        self._new = Turns()
        self._begun = Turns()
        """Keys that have been looked at before. They come first: a burst is then finished from its first on,
        instead of being begun to its last before anything is finished."""
        self._due = Turns()
        """Keys whose time has come, as a thousand schedules' at midnight: before what follows from the first
        of them. It is a look or two each."""
        self._seen: set[Key] = set()
        self._looks = 0
        self._queued: dict[Key, float] = {}
        """Since when each waits, or is to be looked at once more; the oldest first."""
        self._moved = 0.0
        """When a look last began, got on or ended, or the first key came."""
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._began: dict[Key, float] = {}
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._failures: dict[Key, int] = {}

    @property
    def depth(self) -> int:
        """How many keys wait for a worker."""
        return len(self._new) + len(self._begun) + len(self._due)

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing runs (wake-ups may be set)."""
        return not self._queued and not self._running

    @property
    def workers(self) -> list[asyncio.Task[None]]:
        """The looks that are under way."""
        return list(self._running.values())

    def longest(self, now: float) -> float:
        """For how many seconds the slowest worker has not got on with its key; for the liveness probe."""
        return max((now - began for began in self._began.values()), default=0.0)

    def oldest(self, now: float) -> float:
        """For how many seconds the key has waited that has waited longest."""
        return now - next(iter(self._queued.values()), now)

    def stalled(self, now: float) -> float:
        """For how many seconds nothing has moved though something waits and the queue was started."""
        return now - self._moved if self._handler is not None and self._queued else 0.0

    def heard(self, key: Key) -> None:
        """Part of what its look waits for has come: it does not hang."""
        if key in self._began:
            self._moved = self._began[key] = asyncio.get_running_loop().time()

    def progressed(self, key: Key) -> None:
        """A call of its look was answered: it does not hang, and should it fail, it is tried again soon."""
        self.heard(key)
        if key in self._began:
            self._failures.pop(key, None)

    def add(self, key: Key) -> None:
        """Look at this key soon; once more after the present look if one is under way."""
        self._add(key, self._usual(key))

    def _usual(self, key: Key) -> Turns:
        return self._begun if key in self._seen else self._new

    def _add(self, key: Key, turns: Turns) -> None:
        if key not in self._queued:
            now = asyncio.get_running_loop().time()
            if self.idle:
                self._moved = now
            self._queued[key] = now
            if key not in self._running:
                turns.append(key)
                self._pump()

    def add_all(self, keys: Iterable[Key]) -> None:
        """Look at each of these soon."""
        for key in keys:
            self.add(key)

    def add_later(self, key: Key, seconds: float) -> None:
        """Look at this key in so many seconds; of several wishes the earliest counts."""
        at = asyncio.get_running_loop().time() + max(0.0, seconds)
        timer = self._timers.get(key)
        if timer is not None and timer.when() <= at:
            return
        if timer is not None:
            timer.cancel()
        self._timers[key] = asyncio.get_running_loop().call_at(at, self._wake, key)

    def absorb(self, key: Key) -> None:
        """Its worker is about to look at all there is: what was added before needs no look of its own."""
        if key in self._running:
            self._queued.pop(key, None)

    def start(self, handler: Handler) -> None:
        """Begin to work, inside the running loop."""
        self._handler = handler
        self._moved = asyncio.get_running_loop().time()
        self._pump()

    def halt(self) -> None:
        """Take nothing more; what is under way goes on."""
        self._handler = None
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    async def stop(self, seconds: float = 2.0) -> None:
        """Take nothing more, let the workers finish for so many seconds, then cancel them.

        Of what has been looked at nothing is remembered: of what goes meanwhile nobody may be told.
        """
        self.halt()
        workers = self.workers
        if workers:
            _, late = await asyncio.wait(workers, timeout=seconds)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        self._seen.clear()
        self._failures.clear()

    def _wake(self, key: Key) -> None:
        del self._timers[key]
        self._add(key, self._due)

    def _pump(self) -> None:
        while self._handler is not None and self.depth and len(self._running) < self._limit:
            key = self._next()
            self._queued.pop(key, None)
            self._seen.add(key)
            self._running[key] = asyncio.create_task(self._work(self._handler, key))

    def _next(self) -> Key:
        self._looks += 1
        others = self._new or self._begun
        if self._due and not (others and self._looks % OTHERS_EVERY == 0):
            return self._due.popleft()
        new = self._new and (not self._begun or self._looks % NEW_EVERY == 0)
        return (self._new if new else self._begun).popleft()

    async def _work(self, handler: Handler, key: Key) -> None:
        # The look that begins now says itself when it wants the next one.
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._moved = self._began[key] = asyncio.get_running_loop().time()
        try:
            seconds = await handler(key)
            self._failures.pop(key, None)
        except Exception as error:
            seconds = self._backoff(key, error)
            if key in self._queued:
                # What came meanwhile is looked at with the retry, not around it.
                self._queued.pop(key, None)
                seconds = min(seconds, 1.0)
        finally:
            del self._running[key], self._began[key]
            self._moved = asyncio.get_running_loop().time()
            # Also after a halt: whoever starts again would else take it for one that waits already.
            if key in self._queued:
                self._usual(key).append(key)
        if self._handler is not None:
            if seconds is not None:
                self.add_later(key, seconds)
            self._pump()

    def _backoff(self, key: Key, error: Exception) -> float:
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        seconds = min(_longest(error), FIRST_BACKOFF * 2.0 ** min(failures - 1, 20))
        seconds *= 0.5 + self._chance.random() / 2
        if isinstance(error, ApiError) and error.retry_after is not None:
            seconds = max(seconds, min(error.retry_after, LONGEST_BACKOFF))
        log.warning("%s %s/%s: %s; again in %.1f s", key.kind, key.namespace, key.name, error, seconds)
        return seconds

    def forget(self, key: Key) -> None:
        """The object is gone: its past says nothing about the next one of this name."""
        self._failures.pop(key, None)
        self._seen.discard(key)


def _longest(error: Exception) -> float:
    if isinstance(error, ApiError) and error.rightless:
        return LONGEST_RIGHTLESS
    return LONGEST_CLASH if isinstance(error, ApiError) and error.status == 409 else LONGEST_BACKOFF
