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
from daskflow.plan.catch_up import MOST, Settlement
from daskflow.plan.clock import time_zone
from daskflow.plan.finding import Finding
from daskflow.plan.model import Event, Object, Plan
from daskflow.plan.schedule_sight import ScheduleSight, clock_text
from daskflow.plan.ticking import obstacle

_NAMED = 3
"""Runs that an Event names; up to a hundred may have been started at once."""


def report(sight: ScheduleSight, settlement: Settlement) -> Plan:
    """The status as it is now, as a plan; an empty plan if it says so already."""
    old = sight.status
    finding = _finding(sight, settlement)
    started, next_tick = settlement.started, None if sight.spec.suspend else sight.next
    new = old.model_copy(
        update={
            "observed_generation": sight.generation,
            "schedule": clock_text(sight.spec),
            "time_zone": sight.spec.time_zone,
            "settled_time": timestamp(settlement.settled),
            "last_schedule_time": timestamp(started[-1]) if started else old.last_schedule_time,
            "next_schedule_time": timestamp(next_tick) if next_tick else None,
            "active": tuple(run.name for run in sight.live[-MAX_ACTIVE_NAMED:]),
            "active_count": len(sight.live),
            "missed": old.missed + len(settlement.missed),
            "last_outcome": _last_outcome(sight),
            "reason": "" if finding.reason is Reason.SCHEDULED else finding.reason.value,
            "message": finding.message,
        }
    )
    conditions = (*_conditions(sight.generation, finding), *_cut(sight, settlement))
    return _plan(sight, new, conditions, tuple(_events(sight, settlement, finding)))


def stalled(resource: Object, old: FlowScheduleStatus, reason: Reason, message: str, now: datetime) -> Plan:
    """The status of a schedule that cannot be understood: nothing comes next."""
    generation = int(resource["metadata"].get("generation", 0))
    finding = Finding(reason, message, certain=True)
    update = {
        "observed_generation": generation,
        "next_schedule_time": None,
        "reason": reason.value,
        "message": message,
        "conditions": updated(old.conditions, _conditions(generation, finding), now),
    }
    new = old.model_copy(update=update)
    events = (Event("Warning", reason.value, message),) if old.message != message else ()
    return Plan() if new == status_of(resource) else Plan(status=new.dump(), events=events)


def _plan(
    sight: ScheduleSight, new: FlowScheduleStatus, wanted: Iterable[Condition], events: tuple[Event, ...]
) -> Plan:
    old = sight.status
    new = new.model_copy(update={"conditions": updated(old.conditions, wanted, sight.now)})
    return Plan() if new == old else Plan(status=new.dump(), events=events)


def _finding(sight: ScheduleSight, settlement: Settlement) -> Finding:
    """What there is to say of the schedule; certain: only somebody's deed can help."""
    if sight.spec.suspend:
        message = "Suspended (spec.suspend); no run is started."
        return Finding(Reason.SUSPENDED, message, certain=False)
    waiting = [tick for tick in settlement.due if tick > settlement.settled and not sight.made(tick)]
    if waiting:
        found = obstacle(sight)
        if found is not None:
            return found
        names = ", ".join(run.name for run in sight.live[:_NAMED])
        message = f"The tick of {_local(sight, waiting[0])} waits for the end of {names or 'an earlier run'}."
        return Finding(Reason.WAITING_FOR_RUN, message, certain=False)
    if sight.next is None:
        return Finding(Reason.NEVER_FIRES, "There is no tick to come any more.", certain=True)
    if settlement.settled > sight.now:
        message = (
            f"Ticks up to {_local(sight, settlement.settled)} have been settled, which is yet to come: the "
            f"operator's clock was ahead. The next run is at {_local(sight, sight.next)}."
        )
        return Finding(Reason.CLOCK_SET_BACK, message, certain=False)
    message = f"The next run is at {_local(sight, sight.next)}."
    return Finding(Reason.SCHEDULED, message, certain=False)


def _conditions(generation: int, finding: Finding) -> Iterable[Condition]:
    """kstatus: a schedule is ready while it does what it was asked to, waiting and suspended included."""
    well = finding.reason in _WELL
    holds = {
        READY: well,
        RECONCILING: not well and not finding.certain,
        STALLED: not well and finding.certain,
    }
    for type_, value in holds.items():
        yield Condition(
            type=type_,
            status="True" if value else "False",
            reason=finding.reason.value,
            message=finding.message,
            observed_generation=generation,
        )


_WELL = frozenset({Reason.SCHEDULED, Reason.SUSPENDED, Reason.WAITING_FOR_RUN, Reason.CLOCK_SET_BACK})


def _cut(sight: ScheduleSight, settlement: Settlement) -> Iterable[Condition]:
    """Stays said until the schedule is changed."""
    said = [each for each in sight.status.conditions if each.type == CATCH_UP_CUT]
    if settlement.cut:
        yield Condition(
            type=CATCH_UP_CUT,
            status="True",
            reason=Reason.CATCH_UP_CUT.value,
            message=_cut_message(settlement),
            observed_generation=sight.generation,
        )
    elif sight.status.observed_generation == sight.generation:
        yield from said


def _cut_message(settlement: Settlement) -> str:
    return (
        f"More than {MOST} ticks were to be caught up with; the {settlement.cut} oldest were passed over. "
        "Make FlowRuns for them by hand if they are needed."
    )


def _events(sight: ScheduleSight, settlement: Settlement, finding: Finding) -> Iterable[Event]:
    if settlement.started:
        names = [sight.run_name(tick) for tick in settlement.started]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        message = f"Started {', '.join(names[-_NAMED:])}{more}."
        yield Event("Normal", Reason.RUN_STARTED.value, message)
    if settlement.missed:
        yield _passed_over(sight, settlement.missed)
    if settlement.cut:
        yield Event("Warning", Reason.CATCH_UP_CUT.value, _cut_message(settlement))
    if finding.reason not in _WELL and finding.reason.value != sight.status.reason:
        yield Event("Warning", finding.reason.value, finding.message)


def _passed_over(sight: ScheduleSight, missed: tuple[datetime, ...]) -> Event:
    first, last = _local(sight, missed[0]), _local(sight, missed[-1])
    which = (
        f"The tick of {last} was" if len(missed) == 1 else f"{len(missed)} ticks from {first} to {last} were"
    )
    if sight.live and sight.spec.concurrency_policy != "Allow":
        names = ", ".join(run.name for run in sight.live[:_NAMED])
        policy = sight.spec.concurrency_policy
        message = f"{which} passed over: {names} is still active (concurrencyPolicy {policy})."
        return Event("Normal", Reason.TICK_SKIPPED.value, message)
    limit = f", startingDeadline {sight.spec.starting_deadline}" if sight.spec.starting_deadline else ""
    message = (
        f"{which} passed over, since they could not start in time (catchUp {sight.spec.catch_up}{limit})."
    )
    return Event("Warning", Reason.TICK_MISSED.value, message)


def _last_outcome(sight: ScheduleSight) -> LastOutcome | None:
    """Of the newest tick whose run has ended; it may have been deleted since."""
    old = sight.status.last_outcome
    for run in reversed(sight.runs):
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


def _local(sight: ScheduleSight, tick: datetime) -> str:
    zone: tzinfo = time_zone(sight.spec.time_zone)
    return f"{tick.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
