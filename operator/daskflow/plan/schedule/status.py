"""Writes a FlowSchedule's status: what was done, what comes next, and Events that tell of it."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from daskflow.api.conditions import (
    CATCH_UP_CUT,
    READY,
    RECONCILING,
    STALLED,
    Condition,
    instant,
    timestamp,
    updated,
)
from daskflow.api.flowschedule import MAX_ACTIVE_NAMED, FlowScheduleStatus, LastOutcome, status_of
from daskflow.api.reasons import Reason
from daskflow.calendar.wall_clock import time_zone
from daskflow.plan.cause import Cause
from daskflow.plan.model import Event, Plan
from daskflow.plan.schedule.ticks import MOST, Settlement
from daskflow.plan.schedule.view import ScheduleView, timetable_text

NAMED = 3
"""Runs that an Event names; up to a hundred may have been started at once."""


def report(view: ScheduleView, settlement: Settlement, cause: Cause) -> Plan:
    """The status that says `cause`, as a plan; an empty plan if it says so already."""
    old = view.status
    started, next_tick = settlement.started, None if view.spec.suspend else view.next
    new = old.model_copy(
        update={
            "observed_generation": view.generation,
            "schedule": timetable_text(view.spec),
            "time_zone": view.spec.time_zone,
            "settled_time": timestamp(settlement.settled),
            "last_schedule_time": timestamp(started[-1]) if started else old.last_schedule_time,
            "next_schedule_time": timestamp(next_tick) if next_tick else None,
            "active": active_names(view),
            "active_count": len(view.live),
            "missed": old.missed + len(settlement.missed),
            "last_outcome": _last_outcome(view),
            "reason": cause.reason.shown,
            "message": cause.message,
        }
    )
    conditions = (*_conditions(view.generation, cause), *_cut(view, settlement))
    return _plan(view, new, conditions, tuple(_events(view, settlement, cause)))


def stalled(view: ScheduleView, reason: Reason, message: str, **changes: Any) -> Plan:
    """The same of a schedule that makes no runs: nothing comes next.

    `changes` are further fields of FlowScheduleStatus.
    """
    cause = Cause(reason, message, certain=True)
    update = {
        "observed_generation": view.generation,
        "next_schedule_time": None,
        "reason": reason.value,
        "message": message,
        "conditions": updated(view.status.conditions, _conditions(view.generation, cause), view.now),
        **changes,
    }
    new = view.status.model_copy(update=update)
    events = (Event("Warning", reason.value, message),) if view.status.message != message else ()
    return Plan() if new == status_of(view.resource) else Plan(status=new.dump(), events=events)


def _plan(
    view: ScheduleView, new: FlowScheduleStatus, wanted: Iterable[Condition], events: tuple[Event, ...]
) -> Plan:
    old = view.status
    new = new.model_copy(update={"conditions": updated(old.conditions, wanted, view.now)})
    return Plan() if new == old else Plan(status=new.dump(), events=events)


def _conditions(generation: int, cause: Cause) -> Iterable[Condition]:
    """kstatus: a schedule is ready while it does what it was asked to, waiting and suspended included."""
    well = _well(cause.reason)
    holds = {
        READY: well,
        RECONCILING: not well and not cause.certain,
        STALLED: not well and cause.certain,
    }
    for type_, value in holds.items():
        yield Condition(
            type=type_,
            status="True" if value else "False",
            reason=cause.reason.value,
            message=cause.message,
            observed_generation=generation,
        )


def _well(reason: Reason) -> bool:
    # A tick that is due cannot have its run while one of that name goes away.
    return reason.ordinary and reason is not Reason.WAITING_FOR_EARLIER


def _cut(view: ScheduleView, settlement: Settlement) -> Iterable[Condition]:
    """Stays said until the schedule is changed."""
    said = [each for each in view.status.conditions if each.type == CATCH_UP_CUT]
    if settlement.cut:
        yield Condition(
            type=CATCH_UP_CUT,
            status="True",
            reason=Reason.CATCH_UP_CUT.value,
            message=_cut_message(settlement),
            observed_generation=view.generation,
        )
    elif view.status.observed_generation == view.generation:
        yield from said


def _cut_message(settlement: Settlement) -> str:
    return (
        f"More than {MOST} ticks were to be caught up with; the {settlement.cut} oldest were passed over. "
        "Make FlowRuns for them by hand if they are needed."
    )


def _events(view: ScheduleView, settlement: Settlement, cause: Cause) -> Iterable[Event]:
    if settlement.started:
        names = [view.run_name(tick) for tick in settlement.started]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        message = f"Started {', '.join(names[-NAMED:])}{more}."
        yield Event("Normal", Reason.RUN_STARTED.value, message)
    if settlement.missed:
        yield _passed_over(view, settlement.missed)
    if settlement.cut:
        yield Event("Warning", Reason.CATCH_UP_CUT.value, _cut_message(settlement))
    if not _well(cause.reason) and cause.reason.value != view.status.reason:
        yield Event("Warning", cause.reason.value, cause.message)


def _passed_over(view: ScheduleView, missed: tuple[datetime, ...]) -> Event:
    first, last = local_time(view, missed[0]), local_time(view, missed[-1])
    which = (
        f"The tick of {last} was" if len(missed) == 1 else f"{len(missed)} ticks from {first} to {last} were"
    )
    if view.live and view.spec.concurrency_policy != "Allow":
        names = ", ".join(run.name for run in view.live[:NAMED])
        policy = view.spec.concurrency_policy
        message = f"{which} passed over: {names} is still active (concurrencyPolicy {policy})."
        return Event("Normal", Reason.TICK_SKIPPED.value, message)
    limit = f", startingDeadline {view.spec.starting_deadline}" if view.spec.starting_deadline else ""
    message = (
        f"{which} passed over, since they could not start in time (catchUp {view.spec.catch_up}{limit})."
    )
    return Event("Warning", Reason.TICK_MISSED.value, message)


def active_names(view: ScheduleView) -> tuple[str, ...]:
    """The newest of its runs that have not ended."""
    return tuple(run.name for run in view.live[-MAX_ACTIVE_NAMED:])


def _last_outcome(view: ScheduleView) -> LastOutcome | None:
    """Of the newest tick whose run has ended; it may have been deleted since."""
    old = view.status.last_outcome
    for run in reversed(view.runs):
        if run.live:
            continue
        if old is not None and run.tick < instant(old.scheduled_time):
            return old
        status: dict[str, Any] = run.raw["status"]
        return LastOutcome(
            run=run.name,
            scheduled_time=timestamp(run.tick),
            outcome=status["phase"],
            reason=status.get("reason", ""),
        )
    return old


def local_time(view: ScheduleView, tick: datetime) -> str:
    """A tick as its users' clocks show it."""
    zone: tzinfo = time_zone(view.spec.time_zone)
    return f"{tick.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
