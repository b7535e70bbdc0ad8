"""The time that planners think in: this machine's, but never a minute later than the API server's.

A clock that is a day ahead for seconds would else end runs at deadlines that are a day off, delete what was
to be kept, and settle a schedule's ticks of a day for good. What comes too late can be made up for, what came
too early cannot: of two clocks the earlier one counts. API servers tell theirs in each answer (`Date`, whole
seconds); between answers the loop's clock goes on from there.

Timers run on that clock, too, which nobody sets. When this machine's jumps, they are all set again: else a
schedule that has set its timer for 02:00 would start late by as much as the clock was put forward meanwhile
(by NTP, by hand, or since the machine had been asleep).
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 60.0
"""By so much two clocks may differ without anybody's being told: answers are late, and NTP takes its time."""
JUMP_SECONDS = 0.5
"""By so much, as a sum, too, when NTP makes the clock run slower or faster by 0.5 ms a second at most."""
PERIOD_SECONDS = 5.0


def _local() -> datetime:
    return datetime.now(UTC)


class WallClock:
    """Call `now` inside the running loop, whose clock tells how long ago the server's time was told."""

    def __init__(self, local: Callable[[], datetime] = _local) -> None:
        self._local = local
        self._server_time: tuple[datetime, float] | None = None
        self._header = ""
        self._wrong = False

    def now(self) -> datetime:
        """This machine's time, or the server's, if this machine is more than a minute ahead of it."""
        ahead = self.ahead()
        return self._local() - timedelta(seconds=ahead) if ahead > TOLERANCE_SECONDS else self._local()

    def ahead(self) -> float:
        """By how many seconds this machine's clock is ahead of the server's; 0 as long as that is unknown."""
        if self._server_time is None:
            return 0.0
        server, at = self._server_time
        ahead = (self._local() - server).total_seconds() - (asyncio.get_running_loop().time() - at)
        self._say(ahead)
        return ahead

    def header(self, date: str | None) -> None:
        """The `Date` of an answer that has just come."""
        if not date or date == self._header:
            return
        self._header = date
        try:
            self.set_server_time(parsedate_to_datetime(date).astimezone(UTC))
        except ValueError:
            log.debug("the API server says it is %r", date[:100])

    def set_server_time(self, server: datetime) -> None:
        """It is now so late on the API server."""
        self._server_time = server, asyncio.get_running_loop().time()

    def _say(self, ahead: float) -> None:
        wrong = abs(ahead) > TOLERANCE_SECONDS
        if wrong == self._wrong:
            return
        self._wrong = wrong
        if wrong:
            where = "ahead of" if ahead > 0 else "behind"
            log.warning(
                "this machine's clock is %.0f s %s the API server's; deadlines, schedules and retention"
                " go by the earlier one until they agree: set the clock of this node",
                abs(ahead),
                where,
            )
        else:
            log.warning("this machine's clock and the API server's agree again")


class ClockWatch:
    """Notices jumps of `now`, a wall clock; `wake` has every timer set again that somebody may have set."""

    def __init__(self, now: Callable[[], datetime], wake: Callable[[], None]) -> None:
        self._now = now
        self._wake = wake

    async def run(self) -> None:
        """Until cancelled."""
        reference = self._offset()
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            jumped = self._offset() - reference
            if abs(jumped) > JUMP_SECONDS:
                log.warning("the clock was set by %+.1f s; all timers are set again", jumped)
                reference += jumped
                self._wake()

    def _offset(self) -> float:
        return self._now().timestamp() - asyncio.get_running_loop().time()
