"""What the supervisor hands over to the scheduler, on which the cluster goes down, and the report it gets."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from .. import record
from ..settings import say, text
from .control_client import ControlClient, Refused, Unreachable

HANDOVER_SECONDS = 3.0
"""How long handing the outcome to the scheduler may take in all."""
REFUSED_SECONDS = 1.0
"""How long of that a scheduler that refuses connections is asked again."""


class HandOver:
    """Of one run. `answered`: None until an outcome was handed over, then whether anybody took it."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control
        self._report: dict[str, Any] | None = None
        self._about: dict[str, str] = {}
        self.answered: bool | None = None

    def early(self, final: dict[str, Any]) -> None:
        """What the outcome will be, of a flow whose processes have not ended."""
        with contextlib.suppress(Exception):
            self._take(self._control.outcome(record.fit(final), early=True))

    def now(self, final: dict[str, Any], stopped: str) -> None:
        """For HANDOVER_SECONDS; `stopped` is why the run was ended, or "". The scheduler takes what there is
        of each task along when it goes, so that is kept first."""
        if text("REPORT_TO") and stopped != "SchedulerLost":
            from .keep_tasks import keep

            self._about = keep(hurry=bool(stopped))
        self.answered = self._now(record.fit(final), once=stopped == "SchedulerLost")

    def _now(self, final: dict[str, Any], once: bool) -> bool:
        start = time.monotonic()
        while (left := start + HANDOVER_SECONDS - time.monotonic()) > 0.1:
            try:
                self._take(self._control.outcome(final, left, kept=self._about))
                return True
            except Refused as error:
                say(f"the scheduler does not take the outcome: {error}")
                return True
            except Unreachable as error:
                refused = isinstance(error.__cause__, ConnectionRefusedError)
                if once or (refused and time.monotonic() > start + REFUSED_SECONDS):
                    return False
                time.sleep(0.2)
        return False

    def _take(self, answer: dict[str, Any]) -> None:
        report = answer.get("report")
        self._report = report if report and isinstance(report, dict) else self._report

    def with_report(self, final: dict[str, Any]) -> dict[str, Any]:
        """The record, with the report that the scheduler answered, and what became of that of each task."""
        report = {**self._report, **self._about} if self._report else None
        return record.with_report(record.fit(final), report)
