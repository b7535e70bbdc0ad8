"""How often schedulers are dialled and asked, so that neither they nor operator nor etcd are kept busy.

Also how long after an error: what an error is, `conversation` says.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

REST_SECONDS = 10.0
"""From news of a run to the next: so far apart are its status writes, at least. Also from the flow's first
line to the first question, so that short runs are never asked."""
SCALING_SECONDS = 1.0
"""From one answer of a cluster that is being scaled to the next question."""
AWAITED_SECONDS = 0.1
AWAITED_TIMES = 20
"""The same while the runner of a cluster that is to wait has yet to come, but no more than so many times: its
listener may be anybody's code, with news whenever it is asked."""
NEWS_A_SECOND = 20.0
"""Of all runs together. Each is a status write: above 200 runs they rest for longer, each for as long."""
POLL_SECONDS = 55.0
"""How long a scheduler with no news may keep a question; it takes 60 at most."""
CONNECTIONS = 2_000
"""At once; when more want one, each gives its own up after an answer. Some 60 KB each."""
DIALS_A_SECOND = 50.0
"""Each takes 2.5 ms of CPU (keys, certificates, handshake), and a restarted operator dials every run."""
LONGEST_BACKOFF = 60.0
LONGEST_BACKOFF_SCALING = 8.0


class Pace:
    """One for all conversations; `count` says how many there are. Times are of the loop's clock, in seconds.

    `scaled`: whether the cluster is being scaled, so that its scheduler is asked more often.
    """

    def __init__(self, count: Callable[[], int], chance: Random, connections: int) -> None:
        self._count = count
        self._chance = chance
        self._slots = asyncio.Semaphore(connections)
        self._waiting = 0
        self._next_dial = 0.0

    @property
    def crowded(self) -> bool:
        """Whether somebody waits for a slot."""
        return self._waiting > 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """The right to have a connection."""
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def turn_to_dial(self) -> None:
        """Wait until it is one's own."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_dial)
        self._next_dial = at + 1 / DIALS_A_SECOND
        await asyncio.sleep(at - now)

    def apart(self) -> float:
        """Seconds from one piece of news of a run to the next."""
        return max(REST_SECONDS, self._count() / NEWS_A_SECOND) * (1 + self._chance.random() / 10)

    def too_soon(self, counted_at: float | None) -> bool:
        """Whether a run's counts, told last at this time, are not to be told again yet."""
        return counted_at is not None and asyncio.get_running_loop().time() < counted_at + REST_SECONDS

    def patience(self, counted_at: float | None) -> float:
        """Seconds that a scheduler may take to answer.

        `counted_at`: when its run's counts were told, if they are asked for sooner than they can be told.
        """
        seconds = POLL_SECONDS + 5 * self._chance.random()
        if counted_at is None:
            return seconds
        # Counts that came too early are told when it is time.
        due = counted_at + self.apart() - asyncio.get_running_loop().time()
        return min(seconds, max(due, SCALING_SECONDS))

    def until_next(self, asked: float, *, news: bool, scaled: bool) -> float:
        """Seconds from an answer to the next question; `asked`: when the last was.

        Whoever answers at once, and says nothing, is not asked more often for it.
        """
        if scaled:
            return SCALING_SECONDS
        now = asyncio.get_running_loop().time()
        return max(0.0, (now if news else asked) + self.apart() - now)

    def backoff(self, failures: int, *, scaled: bool) -> float:
        """Seconds until the next try after so many failures in a row."""
        longest = LONGEST_BACKOFF_SCALING if scaled else LONGEST_BACKOFF
        return float(min(longest, 2.0 ** min(failures, 10)) * (0.5 + self._chance.random() / 2))
