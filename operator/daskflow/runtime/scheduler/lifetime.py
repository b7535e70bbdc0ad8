"""How long a scheduler lives: as long as its run keeps the lease, or, without a run, until nobody uses it.

Pure state; the preload feeds it requests and ticks. Time is added up from ticks and not read from a clock: a
scheduler that was frozen itself must listen first before it calls anybody dead, or itself idle.
"""

from __future__ import annotations

_LONGEST_TICK = 2.0
"""Seconds that one tick counts at most."""


class Lease:
    """Does the run that this scheduler works for still live, and may this runner begin?

    Held by one runner, which renews it.
    """

    def __init__(self, first_seconds: float, seconds: float) -> None:
        self.holder: str | None = None
        self.begun: str | None = None
        self._first_seconds = first_seconds
        self._seconds = seconds
        self._silence = 0.0

    def take(self, runner: str, begun: str | None) -> bool:
        """Take or renew; False when another runner has begun. Before that the last one wins."""
        if self.begun is not None and runner != self.holder:
            return False
        self.holder = runner
        self.begun = self.begun or begun
        self._silence = 0.0
        return True

    def heard(self) -> None:
        """The run is there; its runner has as long as if this scheduler had just heard of it."""
        self._silence = 0.0

    def tick(self, seconds: float) -> str:
        """`seconds` went by since the last tick: "" or the reason why the cluster is over."""
        self._silence += min(seconds, _LONGEST_TICK)
        if self.holder is None:
            return "LeaseNeverTaken" if self._silence > self._first_seconds else ""
        return "LeaseLost" if self._silence > self._seconds else ""


class IdleTime:
    """Seconds without work. Dask's own idle timeout also ends schedulers whose client only holds results."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self.seconds = 0.0

    def tick(self, seconds: float, busy: bool) -> bool:
        """`seconds` went by since the last tick: True when the cluster has been idle for too long."""
        self.seconds = 0.0 if busy else self.seconds + min(seconds, _LONGEST_TICK)
        return self.seconds >= self._limit


class NoClientTime(IdleTime):
    """Seconds without anybody who might want something, once the cluster is ready.

    It is when so many `workers` were there at once, or else `patience` seconds after its start: whoever
    waited for workers that never come may have gone, too.
    """

    def __init__(self, limit: float, workers: int, patience: float) -> None:
        super().__init__(limit)
        self._workers = workers
        self._patience = patience

    def look(self, seconds: float, used: bool, workers: int) -> bool:
        """`seconds` went by since the last look: True when nobody has come back for too long."""
        if self._patience > 0:
            self._patience -= min(seconds, _LONGEST_TICK)
            if workers >= self._workers:
                self._patience = 0.0
        return self.tick(seconds, used or self._patience > 0)
