"""The lease: does the run that this scheduler works for still live, and may this runner begin?

Pure state; the scheduler preload feeds it requests and ticks.
"""

from __future__ import annotations


class Lease:
    """Held by one runner, which renews it.

    Silence is added up from ticks, each capped, and not read from a clock: a scheduler that was frozen
    itself must listen first before it calls its runner dead.
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

    def tick(self, seconds: float) -> str:
        """`seconds` went by since the last tick: "" or the reason why the cluster is over."""
        self._silence += min(seconds, 2.0)
        if self.holder is None:
            return "LeaseNeverTaken" if self._silence > self._first_seconds else ""
        return "LeaseLost" if self._silence > self._seconds else ""
