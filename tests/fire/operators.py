"""Operators from the sources as processes, one after the other, each killed when its time has come."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio import FIRST_COMPLETED
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

from tests.fire.faults import Call
from tests.fire.wrong_clock import SECONDS

PORT = 18090
"""Of metrics and readiness, beside those of other operators on this machine; the second has the next."""
LIVES = (0.3, 8.0)
"""Seconds until its death is due; it is ready after about one, on a machine that is not busy."""
PATIENCE_SECONDS = 20.0
"""For so long a death waits for the kind of write that it is to come at."""


@dataclass(frozen=True)
class Death:
    """After so many seconds: at the next write of this kind, or (empty) just so.

    `create pods` is when one has taken effect and nobody has been told, `before create pods` when it has been
    sent and never takes effect.
    """

    seconds: float
    at: str = ""


class Deaths:
    """Every second one is to come at a write: of the kind seen that was chosen least."""

    def __init__(self, seed: int, limit: int) -> None:
        self.limit = limit
        self.came: Counter[str] = Counter()
        """By the kind of write; `any moment` for the others."""
        self.may = asyncio.Event()
        """Cleared while a blow takes its time: who is to be replaced does not die of something else."""
        self.may.set()
        self._chosen: Counter[str] = Counter()
        """Kinds of writes that a death was to come at: some come too seldom for its patience."""
        self._chance = Random(f"deaths {seed}")

    @property
    def left(self) -> int:
        """How many are still to come."""
        return max(0, self.limit - self.came.total())

    def next(self, kinds: Mapping[str, int]) -> Death | None:
        """`kinds` are those of writes that were seen, with how many there were."""
        if not self.left:
            return None
        seconds = self._chance.uniform(*LIVES)
        if self._chance.random() < 0.5 or not kinds:
            return Death(seconds)
        at = min(sorted(kinds), key=lambda kind: self._chosen[kind])
        self._chosen[at] += 1
        return Death(seconds, at)


class Operators:
    """`run` keeps one alive; `wrote` is to hear of each write before its operator does."""

    def __init__(
        self, kubeconfig: Path, log: Path, deaths: Deaths, *, number: int = 0, clocks: bool = False
    ) -> None:
        self.identity = f"fire-{number}"
        """Each takes up the lease of the one before, as a container of the same pod does."""
        self.deaths = deaths
        self.exits: Counter[int] = Counter()
        """Codes of those that ended by themselves, which none should."""
        own = {"DASKFLOW_IDENTITY": self.identity, "DASKFLOW_METRICS_PORT": str(PORT + number)}
        self._environment = os.environ | own | {"KUBECONFIG": str(kubeconfig)}
        self._clocks = cycle(SECONDS) if clocks else None
        self._log = log
        if number == 0:
            log.unlink(missing_ok=True)
        self._kinds: Counter[str] = Counter()
        self._armed = ""
        self._killed = False
        self._process: asyncio.subprocess.Process | None = None
        self._frozen: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        assert self._process is not None
        return self._process.pid

    def writing(self, call: Call) -> bool:
        """A write has come; whether it is to take effect."""
        return not self._struck(f"before {call.what}", call)

    def wrote(self, call: Call) -> None:
        """A write has taken effect."""
        self._struck(call.what, call)

    def freeze(self) -> Callable[[], bool]:
        """The process that runs now stands still until `thaw`; says whether it is still there."""
        process = self._process
        assert process is not None
        self._frozen = process
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGSTOP)
        return lambda: process.returncode is None

    def thaw(self) -> None:
        """It goes on where it stood."""
        if self._frozen is not None and self._frozen.returncode is None:
            self._frozen.send_signal(signal.SIGCONT)
        self._frozen = None

    def _struck(self, moment: str, call: Call) -> bool:
        if call.resource not in ("events", "leases"):
            self._kinds[moment] += 1
        if moment != self._armed or not self.deaths.may.is_set():
            return False
        self._armed = ""
        self._kill(moment)
        return True

    async def run(self) -> None:
        """Until cancelled: one after the other, at last one that nobody kills."""
        try:
            while True:
                await self._live(self.deaths.next(self._kinds))
        finally:
            self.thaw()
            if self._process is not None and self._process.returncode is None:
                self._process.terminate()
                await self._process.wait()

    async def _live(self, death: Death | None) -> None:
        program = ["daskflow.controller"]
        if self._clocks is not None:
            ahead = next(self._clocks) if death is not None else 0
            program = ["tests.fire.wrong_clock", str(ahead)]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *program, stdout=log, stderr=log, env=self._environment
            )
        self._killed = False
        ended = asyncio.create_task(self._process.wait())
        if death is None:
            self.exits[await ended] += 1
            return
        await asyncio.wait([ended], timeout=death.seconds)
        if ended.done():
            self.exits[ended.result()] += 1
            return
        if death.at:
            self._armed = death.at
            await asyncio.wait([ended], timeout=PATIENCE_SECONDS)
            self._armed = ""
        await asyncio.wait([ended, asyncio.create_task(self.deaths.may.wait())], return_when=FIRST_COMPLETED)
        self._kill("any moment")
        code = await ended
        if code != -signal.SIGKILL:
            self.exits[code] += 1

    def _kill(self, moment: str) -> None:
        if self._process is not None and self._process.returncode is None and not self._killed:
            self._killed = True
            self._process.send_signal(signal.SIGKILL)
            self.deaths.came[moment] += 1
