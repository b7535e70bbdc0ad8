"""Whether the process should be started anew: what the liveness probe is told.

A new start helps against what hangs within: a look, the queue, a watch, connections that go nowhere. It does
not help against an API server that is slow, busy, or refuses: whoever waits for that is well, and so is one
that stands by.
"""

import asyncio
from collections.abc import Callable

from daskflow.controller.queue import Queue

STUCK_SECONDS = 180.0
"""Every API call gives up after 10 s, a list's page after 60: a look of which nothing was answered for longer
hangs, and so does a queue in which something waits and nothing moves."""
SILENT_SECONDS = 300.0
"""A watch is opened again when it has said nothing for 100 s, and waits 30 s at most after an error."""
UNANSWERED_SECONDS = 600.0
"""An API server that is down for longer than an upgrade takes: perhaps it is our address, our authority's
certificate or our token that is of yesterday, which are read at a start."""


class Health:
    """Call all of it inside the running loop."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._heard: dict[str, float] = {}
        self._answered = asyncio.get_running_loop().time()

    def listener(self, name: str) -> Callable[[], None]:
        """What is called with each sign of life of this watch; from now on it is to give some."""

        def heard() -> None:
            self._heard[name] = asyncio.get_running_loop().time()

        heard()
        return heard

    def answered(self) -> None:
        """The API server has answered a call, whatever it said."""
        self._answered = asyncio.get_running_loop().time()

    def ailment(self) -> str:
        """What a new start would mend, in one sentence; empty where there is nothing of the kind."""
        now = asyncio.get_running_loop().time()
        if (seconds := self._queue.longest(now)) > STUCK_SECONDS:
            return f"a worker has been at one object for {seconds:.0f} s"
        if (seconds := self._queue.stalled(now)) > STUCK_SECONDS:
            return f"objects wait to be looked at, and none was looked at for {seconds:.0f} s"
        for name, at in self._heard.items():
            # While nothing at all is answered, a new watch would say no more.
            if self._answered - at > SILENT_SECONDS:
                return f"the {name} has given no sign for {now - at:.0f} s"
        if now - self._answered > UNANSWERED_SECONDS:
            return f"the API server has answered nothing for {now - self._answered:.0f} s"
        return ""
