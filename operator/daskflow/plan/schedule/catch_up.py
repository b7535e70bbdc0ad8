"""Catching up: which of the ticks that wait are still to be given a run, and which are passed over for good.

A tick waits when it could not start at its time: nobody was there, the schedule was suspended, or a run was
active that it may not start beside. Usually one waits, and has just come.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from daskflow.api.conditions import timestamp
from daskflow.plan.schedule.view import ScheduleView

MOST = 100
"""Ticks that are caught up with, at most."""
ON_TIME = timedelta(minutes=1)
"""With catchUp None a tick starts within this, so that an operator that is restarted is not missed."""


@dataclass(frozen=True)
class Settlement:
    """What becomes of the waiting ticks, as far as it is certain."""

    due: tuple[datetime, ...]
    """To be given a run, or given one already; oldest first."""
    settled: datetime
    """Up to here nothing is to be done any more."""
    started: tuple[datetime, ...]
    """Those up to `settled` that were given a run."""
    missed: tuple[datetime, ...]
    """Those up to `settled` that were passed over."""
    cut: int
    """How many of them catchUp would have taken, were there not so many."""


def settlement(view: ScheduleView) -> Settlement:
    """Sorts the waiting ticks. A tick that is to come holds back all later ones: the journal is one time."""
    if view.spec.suspend:
        due, cut = view.waiting, 0
    else:
        wanted = _wanted(view)
        due = wanted[-MOST:]
        cut = sum(not view.made(tick) for tick in wanted[:-MOST])
    chosen = frozenset(due)
    settled = view.settled
    started: list[datetime] = []
    missed: list[datetime] = []
    for tick in view.waiting:
        made = view.made(tick)
        if tick in chosen and not made:
            break
        settled = tick
        (started if made else missed).append(tick)
    return Settlement(due, settled, tuple(started), tuple(missed), cut)


def expires(view: ScheduleView, tick: datetime) -> datetime | None:
    """When this tick is too late to start, None for never.

    A tick for which a run was cancelled has been taken up in time: that run may take its time to end.
    """
    if any(run.makes_way_for == timestamp(tick) for run in view.runs):
        return None
    on_time = ON_TIME if view.spec.catch_up == "None" else None
    limits = [each for each in (view.deadline, on_time) if each is not None]
    return tick + min(limits) if limits else None


def _wanted(view: ScheduleView) -> tuple[datetime, ...]:
    limits = ((tick, expires(view, tick)) for tick in view.waiting)
    timely = tuple(tick for tick, at in limits if at is None or view.now < at)
    return timely if view.spec.catch_up == "All" else timely[-1:]
