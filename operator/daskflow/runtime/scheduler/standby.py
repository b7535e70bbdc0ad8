"""A cluster that waits for a run: whether it is ready for one, which run has it, and for how long it waits.

It is latched by the first claim: whatever the operator does afterwards, no second run gets in.
"""

from __future__ import annotations

import asyncio
from typing import Any, Callable, NamedTuple

from ..claimed import ENTRYPOINT, HEARD, code
from ..record import cut
from ..settings import say
from .lifetime import IdleTime

UNCLAIMED = "Unclaimed"
"""Why a cluster is over that nobody has claimed."""
ASKED = "daskflow_claim"
"""The workers' handler."""
AT_ONCE = 16
"""Workers that are told at once: each has a copy of the code on its way."""
MEGABYTES = 50.0
"""Of code a second that go to workers at least."""
TELL_SECONDS = 2.0
"""How long workers may take to answer; one that does not is told by its stream, as those that come late."""
NOTE_BYTES = 300


class Over(Exception):
    """This cluster goes down."""


class Unclaimed(Exception):
    """No flow may begin yet: who was made for one that has claimed this cluster hears of it before we do."""


class Claim(NamedTuple):
    """A run's attempt, and what it brings: variables of its runner, code in base64."""

    run: str
    attempt: int
    variables: dict[str, str]
    archive: str


def claim_of(body: dict[str, Any]) -> Claim:
    """Of a request. Raises ValueError with a sentence."""
    run, attempt = body.get("run"), body.get("attempt")
    variables, archive = body.get("variables"), body.get("archive") or ""
    if not isinstance(run, str) or not 0 < len(run) <= 64:
        raise ValueError("run is to be the uid of a FlowRun.")
    if type(attempt) is not int or attempt < 1:
        raise ValueError(f"attempt is {attempt!r}, and is to be a number from 1 on.")
    if not isinstance(variables, dict) or not all(isinstance(each, str) for each in variables.values()):
        raise ValueError("variables is to be an object whose values are texts.")
    if not isinstance(archive, str):
        raise ValueError("archive is to be base64.")
    return Claim(run, attempt, variables, archive)


class Standby:
    """`begin` is called at the claim, before anybody is told; `changed` whenever `state` is another."""

    def __init__(
        self, scheduler: Any, seconds: float, begin: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        self._scheduler = scheduler
        self._begin = begin
        self._changed = changed
        self._time = IdleTime(seconds)
        self._told = asyncio.Event()
        self._one = asyncio.Lock()
        self._telling: asyncio.Future[None] | None = None
        self._dialled: asyncio.Future[Any] | None = None
        self._parked = self._note = ""
        self.claim: Claim | None = None
        self.over = False

    async def take(self, claim: Claim) -> Claim | None:
        """Latch it, and wait until all are told; the latched one when that is another attempt's.

        Raises ValueError for an archive that is none, and nothing is latched then; Over.
        """
        async with self._one:
            if self.over:
                raise Over
            if self.claim is None:
                await self._code_of(claim)
                self.claim = claim
                self._begin()
                self._changed()
                self._telling = asyncio.ensure_future(self._tell())
        if self.claim[:2] != claim[:2]:
            return self.claim
        if self._telling is not None:
            await asyncio.shield(self._telling)
        return None

    async def _code_of(self, claim: Claim) -> None:
        """An archive may take a while to unpack, and workers beat meanwhile."""
        given = (claim.variables.get(ENTRYPOINT, ""), claim.archive, "scheduler")
        if claim.archive:
            await asyncio.get_running_loop().run_in_executor(None, code, *given)
        else:
            code(*given)

    async def told(self, seconds: float) -> Claim | None:
        """The claim, once scheduler and workers have heard of it; None if there is none in this time."""
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except asyncio.TimeoutError:
            return None
        return self.claim

    async def _tell(self) -> None:
        workers = set(self._scheduler.workers)
        for address in workers - await self._ask(ASKED, **self._code()):
            say(f"{address} has not answered the claim, and hears of it with its next task")
            self.came(address)
        self._told.set()

    async def _ask(self, operation: str, **said: Any) -> set[str]:
        """All workers, each on a connection that stays: those that have heard in time."""
        some = asyncio.Semaphore(AT_ONCE)

        async def one(address: str) -> Any:
            async with some:
                return await getattr(self._scheduler.rpc(address), operation)(**said)

        calls = {address: asyncio.ensure_future(one(address)) for address in self._scheduler.workers}
        if calls:
            megabytes = len(said.get("archive", "")) / 1e6 * len(calls)
            await asyncio.wait(calls.values(), timeout=TELL_SECONDS + megabytes / MEGABYTES)
        answered = set()
        for address, call in calls.items():
            if not call.done():
                call.cancel()
            elif call.exception() is None and call.result() == HEARD:
                answered.add(address)
        return answered

    def came(self, address: str) -> None:
        """A worker has registered: its stream carries the claim in front of any task."""
        if self.claim is not None and address in self._scheduler.stream_comms:
            self._scheduler.stream_comms[address].send({"op": ASKED, **self._code()})

    def _code(self) -> dict[str, str]:
        assert self.claim is not None
        return {"entrypoint": self.claim.variables.get(ENTRYPOINT, ""), "archive": self.claim.archive}

    def leased(self, runner: str, parked: bool, note: str) -> None:
        """Its runner lives; `parked`: and waits."""
        now = (runner if parked else "", cut(note, NOTE_BYTES) if parked else "")
        if now != (self._parked, self._note) and self.claim is None:
            self._parked, self._note = now
            self._changed()
            # Connections, TLS and all, are there when the claim is told.
            self._dialled = asyncio.ensure_future(self._ask("identity"))

    def tick(self, seconds: float) -> str:
        """`seconds` went by: "" or why the cluster is over."""
        return UNCLAIMED if self._time.tick(seconds, self.claim is not None) else ""

    def state(self) -> dict[str, Any]:
        """What the operator looks at."""
        run, attempt = self.claim[:2] if self.claim else (None, None)
        return {"parked": bool(self._parked), "note": self._note, "run": run, "attempt": attempt}
