"""The supervisor's thread that talks to the scheduler: takes the lease, awaits workers, begins, renews."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable

from ..record import now
from ..settings import number
from .control_client import ControlClient, Refused, Unreachable

FIRST_SECONDS = 900.0
"""How long a scheduler may take to come up: images are pulled meanwhile."""


class LeaseEnded(Exception):
    """The end of the lease; `reason` is one of the outcome's."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class LeaseKeeper(threading.Thread):
    """Reports by `tell(word, text)`: "connect", "begun" (with the time), or a reason (with a sentence).

    "begun" comes only after the scheduler has acknowledged it: that is the fence against a second runner.
    `workers` is DASKFLOW_WORKERS: wanted, required, patience, and timeout (seconds; none: for ever).
    """

    def __init__(
        self, control: ControlClient, workers: dict[str, Any], tell: Callable[[str, str], None]
    ) -> None:
        super().__init__(daemon=True)
        self._control = control
        self._wanted = int(workers.get("wanted") or 0)
        self._required = min(int(workers.get("required", self._wanted)), self._wanted)
        self._patience = float(workers.get("patience") or 0)
        self._timeout = float(workers.get("timeout") or 0)
        self._seconds = number("LEASE_SECONDS", 20)
        self._tell = tell
        self.registered = 0
        self.parked: str | None = None
        """Of the flow's process: see flow_process."""
        self._has_parked = threading.Event()

    def park(self, note: str | None) -> None:
        """Hear what `parked` is by now."""
        self.parked = note
        if note is not None:
            self._has_parked.set()

    def run(self) -> None:
        """The life of the lease."""
        try:
            state = self._reach()
            self._tell("connect", "")
            self._await_workers(state)
            self._before()
            begun = now()
            self._renew(begun)
            self._tell("begun", begun)
            while True:
                time.sleep(self._seconds / 5)
                self._renew(begun)
        except LeaseEnded as error:
            self._tell(error.reason, str(error))
        except Exception as error:  # a bug here must not leave a flow without its lease unnoticed
            self._tell("SchedulerLost", f"The lease could not be kept: {error!r}.")

    def _before(self) -> None:
        """What is to come before the flow may begin."""

    def _reach(self) -> dict[str, Any]:
        """The first lease. Short timeouts: an address without a pod behind it may swallow packets."""
        until = time.monotonic() + number("LEASE_FIRST_SECONDS", FIRST_SECONDS)
        attempt = 0
        while True:
            try:
                return self._refusable(lambda: self._control.lease(None, min(1 + attempt / 10, 5)))  # noqa: B023
            except Unreachable as error:
                attempt += 1
                if time.monotonic() > until:
                    raise LeaseEnded(
                        "SchedulerUnreachable", f"The scheduler never answered: {error}."
                    ) from error
                time.sleep(0.05 if attempt < 100 else 0.1)

    def _await_workers(self, state: dict[str, Any]) -> None:
        """All wanted workers, or the required ones once patience is over; renews the lease meanwhile."""
        start = time.monotonic()
        while True:
            self.registered = int(state["workers"])
            ordered = state.get("ordered")
            if ordered is not None:  # fewer than there were to be when this pod was made
                self._wanted = min(self._wanted, ordered)
                self._required = min(self._required, self._wanted)
            waited = time.monotonic() - start
            if self.registered >= self._wanted or (
                self.registered >= self._required and waited >= self._patience
            ):
                return
            if self._timeout and waited > self._timeout:
                raise LeaseEnded("WorkersMissing", f"After {waited:.0f} s, {self.progress()}.")
            bounds = [self._seconds / 5, self._patience - waited, (self._timeout or waited) - waited]
            wait = min(bound for bound in bounds if bound > 0)
            version = int(state["version"])
            self._persist(lambda: self._control.watch(version, wait))  # noqa: B023
            state = self._renew(None)

    def progress(self) -> str:
        """How many workers have come."""
        workers = "worker has" if self._wanted == 1 else "workers have"
        return f"{self.registered} of {self._wanted} {workers} registered ({self._required} required)"

    def _renew(self, begun: str | None) -> dict[str, Any]:
        return self._persist(lambda: self._control.lease(begun, max(self._seconds / 4, 0.5)))

    def _persist(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Try for as long as the lease lasts, from the first failure on (not from the last success: a
        supervisor that was frozen itself must ask first)."""
        failing: float | None = None
        while True:
            try:
                return self._refusable(ask)
            except Unreachable as error:
                at = time.monotonic()
                failing = failing or at
                if at - failing > self._seconds:
                    raise LeaseEnded("SchedulerLost", f"The scheduler stopped answering: {error}.") from error
                time.sleep(min(0.2, self._seconds / 10))

    @staticmethod
    def _refusable(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return ask()
        except Refused as error:
            if error.status == 409:
                message = f"Another runner, {error.body.get('holder')}, has begun this attempt."
                raise LeaseEnded("RunnerSuperseded", message) from error
            if error.status >= 500:
                raise Unreachable(str(error)) from error
            raise LeaseEnded("SchedulerUnreachable", f"The control listener refused: {error}.") from error
