"""How far a local flow is: the operator's long-poll of the scheduler's control listener."""

import threading
from collections.abc import Callable
from typing import Any

from daskflow.runtime.runner.control_client import ControlClient, Refused, Unreachable

Heard = Callable[[int, int, int], None]
"""Is told: tasks done, tasks in all, workers registered."""


class Watch(threading.Thread):
    """Until the scheduler ends. `done`, `total` and `workers` are the last that it said."""

    def __init__(self, url: str, token: str, heard: Heard) -> None:
        super().__init__(daemon=True)
        self._control = ControlClient(url, "", token)
        self._heard = heard
        self._over = threading.Event()
        self.done = self.total = self.workers = 0
        self.begun = False

    def run(self) -> None:
        """Asks again as long as nobody says `stop`; a scheduler that starts is not there yet."""
        version = 0
        while not self._over.is_set():
            try:
                version = self._take(self._control.watch(version, 10))
            except (Unreachable, Refused):
                self._over.wait(0.2)

    def _take(self, state: dict[str, Any]) -> int:
        counts = state["counts"]
        self.done, self.total = int(counts["done"]), int(counts["total"])
        self.workers = max(self.workers, int(state["registered"]))
        self.begun = self.begun or state["begun"] is not None
        self._heard(self.done, self.total, int(state["registered"]) or self.workers)
        return int(state["version"])

    def stop(self) -> None:
        """Called when the flow has ended. A last look would come too late: its scheduler goes, too."""
        self._over.set()
