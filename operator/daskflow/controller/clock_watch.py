"""Notices when the wall clock jumps: plans and users think in it, but the queue's timers run on another.

Without it a schedule that has set its timer for 02:00 would start late by as much as the clock was put
forward meanwhile: by NTP, by hand, or since the machine had been asleep.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

log = logging.getLogger(__name__)

PERIOD_SECONDS = 5.0
TOLERANCE_SECONDS = 0.5
"""Also of what NTP adds up to by making the clock run slower or faster, at most 0.5 ms a second."""


class ClockWatch:
    """`now` is the wall clock; `wake` makes everything that may have set a timer set it again."""

    def __init__(self, now: Callable[[], datetime], wake: Callable[[], None]) -> None:
        self._now = now
        self._wake = wake

    async def run(self) -> None:
        """Until cancelled."""
        reference = self._offset()
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            jumped = self._offset() - reference
            if abs(jumped) > TOLERANCE_SECONDS:
                log.warning("the clock was set by %+.1f s; all timers are set again", jumped)
                reference += jumped
                self._wake()

    def _offset(self) -> float:
        return self._now().timestamp() - asyncio.get_running_loop().time()
