"""Ticks: which are due, which are caught up with, and what they do while a run has not ended.

A tick waits when it could not start at its time: nobody was there, the schedule was suspended, or a run was
active that it may not start beside. Usually one waits, and has just come.

The run is made first and the tick settled in status after it, so that none is lost: its name is a function of
the tick, and making it twice a conflict. Only a run that somebody deletes between the two is made again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from daskflow.api.conditions import timestamp
from daskflow.api.names import ANNOTATION_REPLACED_BY
from daskflow.api.reasons import Reason
from daskflow.calendar.timetable import times_of
from daskflow.manifests.scheduled_run import scheduled_run
from daskflow.plan.cause import Cause
from daskflow.plan.model import Patch, Plan
from daskflow.plan.refusals import refused
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


def ticking(view: ScheduleView) -> Plan | None:
    """Creates the runs that may start now, but those whose create was refused a moment ago."""
    unwanted = {each.key.name for each in view.refusals if not each.retry}
    unwanted |= {each.key.name for each in view.occupied}
    creates = tuple(
        scheduled_run(view.resource, tick, times_of(view.spec, tick))
        for tick in _startable(view, settlement(view).due)
        if view.run_name(tick) not in unwanted
    )
    return Plan(creates=creates) if creates else None


def _startable(view: ScheduleView, due: tuple[datetime, ...]) -> tuple[datetime, ...]:
    """The ticks that may be given their runs at this moment."""
    if view.spec.suspend:
        return ()
    missing = tuple(tick for tick in due if not view.made(tick))
    if view.spec.concurrency_policy == "Allow":
        return missing
    return () if view.live else missing[:1]


def replacement(view: ScheduleView) -> Plan | None:
    """Replace: asks live runs to end for the tick that is due, and says on them which one it is."""
    if view.spec.suspend or view.spec.concurrency_policy != "Replace":
        return None
    missing = [tick for tick in settlement(view).due if not view.made(tick)]
    if not missing:
        return None
    tick = timestamp(missing[-1])
    body = {"metadata": {"annotations": {ANNOTATION_REPLACED_BY: tick}}, "spec": {"cancel": True}}
    patches = tuple(
        Patch(view.key(run.name), run.uid, body)
        for run in view.live
        if not run.deleting and (not run.cancelled or run.makes_way_for != tick)
    )
    return Plan(patches=patches) if patches else None


def obstacle(view: ScheduleView) -> Cause | None:
    """Why a run that is due cannot be made."""
    for occupied in view.occupied:
        what = f"FlowRun {occupied.key.name}"
        if occupied.deleting:
            return Cause(Reason.WAITING_FOR_EARLIER, f"{what} is still going away.", certain=False)
        message = f"{what} exists and is not this schedule's; delete it or give the schedule another name."
        return Cause(Reason.NAME_CONFLICT, message, certain=True)
    return refused(view.refusals[0]) if view.refusals else None


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
    wanted = timestamp(tick)
    if any(run.makes_way_for == wanted for run in view.runs):
        return None
    on_time = ON_TIME if view.spec.catch_up == "None" else None
    limits = [each for each in (view.deadline, on_time) if each is not None]
    return tick + min(limits) if limits else None


def _wanted(view: ScheduleView) -> tuple[datetime, ...]:
    limits = ((tick, expires(view, tick)) for tick in view.waiting)
    timely = tuple(tick for tick, at in limits if at is None or view.now < at)
    return timely if view.spec.catch_up == "All" else timely[-1:]
