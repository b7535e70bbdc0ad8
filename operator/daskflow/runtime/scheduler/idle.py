"""When a cluster that belongs to no run has been idle for so long that it should go.

Dask's own idle timeout also ends schedulers whose client only holds results.
"""

from __future__ import annotations

from typing import Any


class Idle:
    """Seconds without work. Added up from ticks, each capped: a scheduler that was frozen looks first."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self.seconds = 0.0

    def tick(self, seconds: float, busy: bool) -> bool:
        """`seconds` went by since the last tick: True when the cluster has been idle for too long."""
        self.seconds = 0.0 if busy else self.seconds + min(seconds, 2.0)
        return self.seconds >= self._limit


def asked(scheduler: Any) -> bool:
    """Whether a connected client holds futures. Published data and clients that are gone do not count."""
    return any(
        scheduler.clients[key].wants_what for key in scheduler.client_comms if key in scheduler.clients
    )
