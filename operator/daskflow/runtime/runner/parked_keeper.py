"""The supervisor's thread of a runner that is made before its run: it waits for the run's claim."""

from __future__ import annotations

import time
from typing import Any

from ..claimed import take
from ..settings import document
from .lease_keeper import LeaseEnded, LeaseKeeper

LOOK_SECONDS = 0.2
"""How often the scheduler is asked as long as the flow's process is not ready."""


class ParkedKeeper(LeaseKeeper):
    """Tells "park" once the workers are there, and "claimed" when the claim has been taken over."""

    _claimed = False

    def _before(self) -> None:
        self._tell("park", "")
        while True:
            parked = self.parked
            self._persist(lambda: self._control.lease(None, max(self._seconds / 4, 0.5), parked))  # noqa: B023
            state = self._wait(parked)
            if state["claim"] is not None:
                break
        self._claimed = True
        try:
            take(state["claim"])
        except (ValueError, OSError) as error:
            raise LeaseEnded("EntrypointInvalid", f"{error}.") from error
        self._tell("claimed", "")
        self._await_workers(state)
        # A flow has begun when its process can begin it; a program takes the place of that process.
        while not document("FLOW").get("command") and not self._has_parked.wait(self._seconds / 5):
            self._renew(None)

    def _wait(self, parked: str | None) -> dict[str, Any]:
        """For the claim, or until the lease is to be renewed, or said anew."""
        until = time.monotonic() + self._seconds / 5
        while True:
            wait = max(until - time.monotonic(), 0)
            wait = wait if parked is not None else min(wait, LOOK_SECONDS)
            state = self._persist(lambda: self._control.claim(wait))  # noqa: B023
            if state["claim"] is not None or time.monotonic() >= until or parked != self.parked:
                return state

    def progress(self) -> str:
        """What it waits for."""
        if self.parked is None and self.registered >= self._required:
            return "the process that is to run the flow still imports Dask and what its pool's preload names"
        return super().progress() if self._claimed else "no run has claimed this cluster"
