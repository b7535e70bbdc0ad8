"""The Lease by which one of several operators leads: taken, renewed, given back. `plan.lease` has the rules.

Own code instead of kopf's peering: that compares timestamps of one machine with the clock of another, has
kinds of its own to install, and lets one who was frozen write when it wakes.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime
from random import Random

from daskflow.controller.kubernetes.verbs import Api, ApiError
from daskflow.plan import lease as rules
from daskflow.plan.model import Key, Object

log = logging.getLogger(__name__)

KIND = "Lease"
CALL_SECONDS = 4.0
"""An answer is waited for so long: within the time for which a renewal lasts there are two tries."""
RELEASE_SECONDS = 1.0
_RIGHTS = "its account needs get and patch on it, and create on leases.coordination.k8s.io, as in the chart"


def elapsed() -> float:
    """Seconds of a clock that nobody sets; on Linux one that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """`me` names this process to the others: no two that may run at once may have the same name.

    One that begins anew under its old name, as a container of the same pod, takes up what it had.
    `now` is the wall clock, for people; `clock` the one that counts.
    """

    def __init__(
        self,
        api: Api,
        namespace: str,
        name: str,
        me: str,
        now: Callable[[], datetime],
        *,
        clock: Callable[[], float] = elapsed,
        chance: Random | None = None,
    ) -> None:
        self._api = api
        self._key = Key(KIND, namespace, name)
        self._me = me
        self._now = now
        self._clock = clock
        self._chance = chance if chance is not None else Random()
        self._seen: rules.Seen | None = None
        self._known = False
        """Whether `_seen` is what was read or written last, and nothing has put it in doubt."""
        self._renewed: float | None = None
        self._taking = False
        """Whether a write that takes it has been sent, and nobody knows what became of it."""
        self._vacant_since = 0.0
        self._said = ""

    def held(self) -> bool:
        """Whether this process may write now."""
        return rules.valid(self._renewed, self._clock())

    @property
    def holder(self) -> str:
        """Who had it when it was last looked at; empty: nobody, or nobody has looked."""
        return self._seen.holder if self._seen is not None else ""

    def vacant(self) -> float:
        """For how many seconds nobody has led, as far as this process knows, whose lease it is now."""
        return self._clock() - self._vacant_since

    async def acquire(self) -> None:
        """Until it is held."""
        self._vacant_since = self._clock()
        while True:
            # The last sign of whoever led before: a renewal, or that it was given back.
            self._vacant_since = self._seen.since if self._seen is not None else self._vacant_since
            if await self._try():
                return
            chance = self._chance.random()
            await asyncio.sleep(rules.until_next_look(self._seen, self._me, self._clock(), chance))

    async def keep(self) -> None:
        """As long as it is held."""
        while True:
            await asyncio.sleep(rules.RETRY_SECONDS * (1 + rules.JITTER * self._chance.random()))
            await self._try()
            if not self.held():
                self._renewed = None
                return

    async def release(self) -> None:
        """Write nothing from now on, and let another have it at once."""
        held, self._renewed = self._renewed is not None or self._taking, None
        if not held:
            return
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                # A write that was cancelled a moment ago may have come through.
                await self._read()
                if self.holder == self._me:
                    await self._patch(rules.given_back(self._now()))
        except (ApiError, TimeoutError) as error:
            log.warning("the lease %s could not be given back: %s", self._key.name, error)

    async def _try(self) -> bool:
        """Take it or renew it, if that may be; whether it worked."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                for _ in range(2):
                    try:
                        return await self._write_if_free()
                    except ApiError as error:
                        self._known = False
                        if error.status != 409:
                            raise
                        # Somebody else has written it: read once more who has it now.
        except TimeoutError:
            self._known = False
            self._say(f"the lease {self._key.namespace}/{self._key.name}: no answer in {CALL_SECONDS:.0f} s")
        except ApiError as error:
            what = f"the lease {self._key.namespace}/{self._key.name}"
            if error.passing:
                self._say(f"{what}: {error}")
            else:
                lacking = f"{_RIGHTS}: {error}" if error.rightless else str(error)
                self._say(f"{what} is refused: this operator cannot lead; {lacking}", logging.WARNING)
        return False

    async def _write_if_free(self) -> bool:
        if not self._known:
            await self._read()
        if rules.free_at(self._seen, self._me) > self._clock():
            # Whoever leads has been replaced.
            self._renewed = None
            if self._known:
                self._known = False
                self._say(f"{self.holder} leads; this operator stands by")
            return False
        sent = self._clock()
        spec = rules.held_by(self._me, self._seen.spec if self._seen else None, self._now())
        self._taking = True
        body = await (self._patch(spec) if self._known and self._seen else self._create(spec))
        self._taking = False
        self._seen, self._known = rules.seen(body, self._seen, self._clock()), True
        self._renewed, self._said = sent, ""
        return True

    async def _read(self) -> None:
        """What is not there any more is remembered for as long as its holder may take it to be there."""
        try:
            body = await self._api.get(self._key)
        except ApiError as error:
            if error.status != 404:
                raise
            return
        self._seen, self._known = rules.seen(body, self._seen, self._clock()), True

    async def _create(self, spec: Object) -> Object:
        return await self._api.create(
            {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": KIND,
                "metadata": {"namespace": self._key.namespace, "name": self._key.name},
                "spec": spec,
            }
        )

    async def _patch(self, spec: Object) -> Object:
        assert self._seen is not None
        # A resourceVersion in the patch is a precondition, as the uid is.
        body = {"metadata": {"resourceVersion": self._seen.version}, "spec": spec}
        return await self._api.patch(self._key, self._seen.uid, body)

    def _say(self, sentence: str, level: int = logging.INFO) -> None:
        """Once, until something else is to be said."""
        if sentence != self._said:
            self._said = sentence
            log.log(level, "%s", sentence)
