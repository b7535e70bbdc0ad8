"""Whether anybody uses a cluster without a run, and why it is over when nobody does."""

from __future__ import annotations

from typing import Any

from ..settings import number, text
from .lifetime import IdleTime, NoClientTime
from .open_tasks import OpenTasks

UNUSED = ("IdleTimeout", "NoClientTimeout")
"""Why a cluster without a run ends by itself."""


class Use:
    """`leased` is when a run last said that it lives."""

    def __init__(self, scheduler: Any, open_tasks: OpenTasks) -> None:
        owned = text("OWNED") == "1"
        self._scheduler = scheduler
        self._open_tasks = open_tasks
        self._idle_seconds = 0.0 if owned else number("IDLE_SECONDS", 0)
        self._no_client_seconds = 0.0 if owned else number("NO_CLIENT_SECONDS", 0)
        ready, patience = int(number("READY_WORKERS", 0)), number("LEASE_FIRST_SECONDS", 900)
        self._no_client = NoClientTime(self._no_client_seconds, ready, patience)
        self.idle = IdleTime(self._idle_seconds)
        self.leased = float("-inf")

    def look(self, seconds: float, now: float) -> str:
        """`seconds` went by: "" or why the cluster is over."""
        busy = self._busy(now)
        if self._idle_seconds and self.idle.tick(seconds, busy):
            return "IdleTimeout"
        used, workers = busy or _has_client(self._scheduler), len(self._scheduler.workers)
        if self._no_client_seconds and self._no_client.look(seconds, used, workers):
            return "NoClientTimeout"
        return ""

    def _busy(self, now: float) -> bool:
        """A run that keeps its lease counts too: it may compute by itself for a while."""
        leased = now - self.leased < number("LEASE_SECONDS", 20)
        return leased or len(self._open_tasks) > 0 or _client_holds_futures(self._scheduler)


def _client_holds_futures(scheduler: Any) -> bool:
    """Published data and clients that are gone do not count."""
    return any(
        scheduler.clients[key].wants_what for key in scheduler.client_comms if key in scheduler.clients
    )


def _has_client(scheduler: Any) -> bool:
    """Whether any is connected, but those that tasks asked for: they stay on their workers for good."""
    return any(not str(key).startswith("Client-worker-") for key in scheduler.client_comms)
