"""One operator's connection to the server: where calls are slow, fail, get lost, and where operators die."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import TypeVar

from daskflow.controller.kubernetes.verbs import GONE, TIMEOUT, ApiError, Listing, WatchEvent
from daskflow.plan.model import Key, Object

from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant, selects

T = TypeVar("T")


@dataclass(frozen=True)
class Faults:
    """Probabilities per call or watch event; seconds. All of them stop at `until`."""

    latency: tuple[float, float] = (0.001, 0.02)
    lag: tuple[float, float] = (0.0, 0.1)
    """Of a watch event; each kind's watch has its own, so kinds overtake each other."""
    refused: float = 0.0
    """429, 500 or, of writes, a quota's own 409: nothing happened."""
    lost: float = 0.0
    """No answer; half of the time the call took effect."""
    late: float = 0.0
    """Of a write: no answer, and it takes effect up to a minute after it was sent."""
    broken: float = 0.0
    """The watch ends after this event."""
    gone: float = 0.0
    """The watch is answered with 410; also lists, when the token for their next page is too old."""
    doubled: float = 0.0
    skipped: float = 0.0
    """An event that a later one of the same object makes obsolete is left out."""
    until: float = float("inf")

    def calm(self) -> "Faults":
        """Only time passes."""
        return replace(self, refused=0.0, lost=0.0, late=0.0, broken=0.0, gone=0.0, doubled=0.0, skipped=0.0)


STORM = Faults(
    latency=(0.001, 0.5),
    lag=(0.0, 2.0),
    refused=0.08,
    lost=0.08,
    late=0.03,
    broken=0.1,
    gone=0.1,
    doubled=0.15,
    skipped=0.3,
)


CLASH = ApiError(
    409,
    "Conflict",
    'Operation cannot be fulfilled on resourcequotas "q": the object has been modified; please apply your '
    "changes to the latest version and try again",
)
"""What ResourceQuota admission answers where several creates count at once."""

GIVEN_UP_SECONDS = 10.0
"""For so long an answer is waited for."""
LATEST_SECONDS = 60.0
"""An API server may work on a request for so long."""
BEHIND_SECONDS = 20.0
"""For how long the watch of a kind whose first list was stale stays silent."""


class Client:
    """Implements `daskflow.controller.kubernetes.verbs.Api`.

    `after_write` is called after each write's effect with its number (from 1): a moment to kill an operator.
    `stale`: the first list of a kind is from so many changes ago, and its watch follows late, as from an API
    server that is behind. Later lists are what they are in the real world, quorum reads.
    """

    def __init__(
        self,
        server: Server,
        chance: Random,
        faults: Faults | None = None,
        stale: Mapping[str, int] | None = None,
    ) -> None:
        self.server = server
        self.attempted = 0
        """Writes that were sent, whatever became of them."""
        self.writes = 0
        self.calls = 0
        self.events = 0
        self.most_at_once = 0
        """Writes that were under way at the same time."""
        self._under_way = 0
        self.drop: Callable[[int, str, Object], bool] = lambda number, type_, body: False
        """Which watch events (by number, from 1) never arrive."""
        self.after_write: Callable[[int], None] = lambda number: None
        self.before_create: Callable[[Object], float] = lambda body: 0.0
        """For how many seconds it is frozen before it sends this."""
        self.lands_late: Callable[[Object], float] = lambda body: 0.0
        """After how many seconds this create takes effect, which is given up before."""
        self.dated: Callable[[datetime], None] = lambda at: None
        """Hears what the server says the time is."""
        self.answered: Callable[[], None] = lambda: None
        """Hears of each answer, whatever it says."""
        self.dead = False
        self.cut = False
        """Whether nothing reaches the server any more, nor comes from it."""
        self._stale = dict(stale or {})
        self._behind = {kind: asyncio.get_running_loop().time() + BEHIND_SECONDS for kind in self._stale}
        self._chance = chance
        self._faults = faults if faults is not None else Faults()

    async def get(self, key: Key) -> Object:
        return await self._call(lambda: self.server.get(key))

    async def pages(
        self, kind: str, namespace: str | None = None, selector: str = "", name: str = ""
    ) -> AsyncGenerator[Listing, None]:
        steps = self._stale.pop(kind, 0)
        if steps:
            yield await self._call(lambda: self.server.past(kind, steps))
        else:
            yield await self._call(lambda: self.server.list(kind, namespace, selector))
            if self._happens(self.faults.gone / 10):
                raise ApiError(GONE, "Expired", "The provided continue parameter is too old")

    async def create(self, body: Object) -> Object:
        await asyncio.sleep(self.before_create(body))
        if late := self.lands_late(body):
            await self._given_up(lambda: self.server.create(body), late)
        return await self._call(lambda: self.server.create(body), write=body["kind"] != "Lease")

    async def replace_status(self, body: Object) -> Object:
        return await self._call(lambda: self.server.replace_status(body), write=True)

    async def patch(
        self, key: Key, uid: str, body: Object, revision: str = "", subresource: str = ""
    ) -> Object:
        # A lease is renewed for ever: no write that anything is counted by.
        write = key.kind != "Lease"
        return await self._call(lambda: self.server.patch(key, uid, body, revision, subresource), write=write)

    async def delete(self, key: Key, uid: str, grace: int | None = None, revision: str = "") -> Object:
        return await self._call(lambda: self.server.delete(key, uid, grace, revision), write=True)

    async def watch(
        self, kind: str, namespace: str | None, selector: str, version: str
    ) -> AsyncGenerator[WatchEvent, None]:
        await self._pass(self.faults.latency)
        await asyncio.sleep(max(0.0, self._behind.pop(kind, 0.0) - asyncio.get_running_loop().time()))
        history, at = self.server.history[kind], int(version)
        position = next((i for i, entry in enumerate(history) if entry[0] > at), len(history))
        while True:
            if at < self.server.forgotten[kind] or self._happens(self.faults.gone / 10):
                raise ApiError(GONE, "Expired", "too old resource version")
            if position == len(history):
                self.server.grown[kind].clear()
                try:
                    async with asyncio.timeout(60):
                        await self.server.grown[kind].wait()
                except TimeoutError:
                    at = self.server.version if position == len(history) else at
                    yield WatchEvent("BOOKMARK", {"kind": kind, "metadata": {"resourceVersion": str(at)}})
                continue
            await self._pass(self.faults.lag)
            if self.cut:
                await asyncio.Event().wait()  # until whoever watches finds it too quiet
            if at < self.server.forgotten[kind]:
                continue
            at, type_, body, before = history[position]
            position += 1
            obsolete = any(_same(body, later) for _, _, later, _ in history[position : position + 20])
            if type_ == "MODIFIED" and obsolete and self._happens(self.faults.skipped):
                continue
            word = told(type_, body, before, selector, namespace)
            if word is None:
                continue
            self.events += 1
            if self.drop(self.events, word, body):
                continue
            yield WatchEvent(word, body)
            if self._happens(self.faults.doubled):
                yield WatchEvent(word, body)
            if self._happens(self.faults.broken):
                return

    @property
    def faults(self) -> Faults:
        """What goes wrong at present."""
        calm = asyncio.get_running_loop().time() >= self._faults.until
        return self._faults.calm() if calm else self._faults

    async def _call(self, effect: Callable[[], T], *, write: bool = False) -> T:
        self.calls += 1
        self.attempted += write
        self._under_way += write
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            answer = await self._answer(effect, write)
            self.answered()
            return answer
        except ApiError as error:
            if error.status != TIMEOUT:
                self.answered()
            raise
        finally:
            self._under_way -= write

    async def _answer(self, effect: Callable[[], T], write: bool) -> T:
        faults = self.faults
        await self._pass(faults.latency)
        if self.cut:
            await asyncio.sleep(GIVEN_UP_SECONDS)
            raise ApiError(TIMEOUT, "cut off")
        if self._happens(faults.refused):
            error = self._chance.choice([ApiError(429, "TooManyRequests", retry_after=1.0), ApiError(500)])
            raise CLASH if write and self.calls % 3 == 0 else error
        if write and self._happens(faults.late):
            await self._given_up(effect, self._chance.uniform(GIVEN_UP_SECONDS, LATEST_SECONDS))
        lost = self._happens(faults.lost)
        if lost and self._chance.random() < 0.5:
            await asyncio.sleep(10)
            raise ApiError(TIMEOUT, "lost before it took effect")
        with self.server.operator():
            answer = effect()
        self.dated(instant())
        if write:
            self.writes += 1
            self.after_write(self.writes)
        if self.dead:
            await asyncio.Event().wait()
        if lost:
            await asyncio.sleep(10)
            raise ApiError(TIMEOUT, "lost after it took effect")
        await self._pass(faults.latency)
        return answer

    async def _given_up(self, effect: Callable[[], object], after: float) -> None:
        """The request is on its way, whatever becomes of who sent it."""

        def land() -> None:
            # An answer that nobody hears; what it does is nothing that an operator means to do by then.
            with contextlib.suppress(ApiError):
                effect()

        asyncio.get_running_loop().call_later(after, land)
        await asyncio.sleep(GIVEN_UP_SECONDS)
        raise ApiError(TIMEOUT, "given up before it took effect")

    async def _pass(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*seconds))

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._chance.random() < probability


def _same(one: Object, other: Object) -> bool:
    return bool(one["metadata"]["uid"] == other["metadata"]["uid"])


def told(type_: str, body: Object, before: Object | None, selector: str, namespace: str | None) -> str | None:
    """The event's type as a watch with this selector has it, None where it has none."""
    if namespace is not None and body["metadata"]["namespace"] != namespace:
        return None
    was = before is not None and selects(selector, before)
    if type_ == "DELETED" or not selects(selector, body):
        return "DELETED" if was else None
    return "MODIFIED" if was else "ADDED"
