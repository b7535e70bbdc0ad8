"""What is to be made of ticks that have been: pure.

A tick's run has one name, whoever makes it. So none is doubled: not by the operator, which has settled the
ticks that are filled in and looks at none of them again, nor by another backfill.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from daskflow.api.flowrun_status import TERMINAL_PHASES
from daskflow.api.names import LABEL_INSTANTIATE, LABEL_SCHEDULED_TIME
from daskflow.calendar.timetable import times_of
from daskflow.cli.scheduling.known import Schedule
from daskflow.manifests.naming import scheduled_run_name
from daskflow.manifests.scheduled_run import backfill_run, tick_label

HEADER = ("TICK", "RUN", "WHAT")


class Slot(NamedTuple):
    """A tick, and what becomes of it."""

    tick: datetime
    run: str
    """The name that its run has or gets."""
    what: Literal["create", "join", "there", "due"]
    """join: an earlier backfill has made it, and it goes on; there: it has a run; due: the operator's own."""
    phase: str = ""
    """Of a run that is there."""

    @property
    def words(self) -> str:
        """The same for people."""
        return {
            "create": "is created",
            "join": f"goes on ({self.phase}), is waited for",
            "there": f"has a run already ({self.phase})",
            "due": "is its schedule's own to start",
        }[self.what]


def slots(schedule: Schedule, ticks: Iterable[datetime], runs: Iterable[Mapping[str, Any]]) -> list[Slot]:
    """One for each tick; `runs` are all that have the schedule's name on them."""
    there: dict[str, Mapping[str, Any]] = {}
    for run in runs:
        labels = run["metadata"].get("labels") or {}
        there[run["metadata"]["name"]] = run
        if label := labels.get(LABEL_SCHEDULED_TIME):
            there.setdefault(f"@{label}", run)
    return [_slot(schedule, tick, there) for tick in ticks]


def _slot(schedule: Schedule, tick: datetime, there: Mapping[str, Mapping[str, Any]]) -> Slot:
    name = scheduled_run_name(schedule.name, schedule.uid, tick)
    run = there.get(name) or there.get(f"@{tick_label(tick)}")
    if run is None:
        return Slot(tick, name, "due" if tick > schedule.settled else "create")
    phase = str((run.get("status") or {}).get("phase") or "Pending")
    ours = (run["metadata"].get("labels") or {}).get(LABEL_INSTANTIATE) == "backfill"
    joined = ours and phase not in TERMINAL_PHASES
    return Slot(tick, run["metadata"]["name"], "join" if joined else "there", phase)


def manifest_of(schedule: Schedule, slot: Slot) -> dict[str, Any]:
    """The run to create."""
    return backfill_run(schedule.resource, slot.tick, times_of(schedule.spec, slot.tick))
