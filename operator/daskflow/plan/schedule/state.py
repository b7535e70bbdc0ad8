"""How a FlowSchedule is: deleted, not to be understood, waiting for the end of a run, or scheduled."""

from daskflow.api.reasons import Reason
from daskflow.calendar.timetable import CronInvalid, NeverFires, TimetableInvalid, timetable_of
from daskflow.calendar.wall_clock import ZoneUnknown, time_zone
from daskflow.manifests.substitution import refusal
from daskflow.plan.cause import Cause
from daskflow.plan.deletion import deleting
from daskflow.plan.model import AGAIN, Patch, Plan
from daskflow.plan.schedule.history import history
from daskflow.plan.schedule.prewarming import let_go, next_look, trouble
from daskflow.plan.schedule.status import NAMED, active_names, local_time, report, stalled
from daskflow.plan.schedule.ticks import Settlement, expires, obstacle, settlement
from daskflow.plan.schedule.view import ScheduleView, timetable_text

_REASONS: dict[type[ValueError], Reason] = {
    CronInvalid: Reason.CRON_INVALID,
    NeverFires: Reason.NEVER_FIRES,
    ZoneUnknown: Reason.TIME_ZONE_UNKNOWN,
}


def deletion(view: ScheduleView) -> Plan | None:
    """Speaks from a deletion that somebody's finalizer holds up: its live runs are asked to end, and no
    cluster waits for the next.

    Their records stay for whoever holds the schedule.
    """
    if not deleting(view.resource):
        return None
    patches = tuple(
        Patch(view.key(run.name), run.uid, {"spec": {"cancel": True}})
        for run in view.live
        if not run.deleting and not run.cancelled
    )
    message = "The FlowSchedule was deleted; no more runs are made"
    message += f", {len(view.live)} are ending." if view.live else "."
    active = {"active": active_names(view), "active_count": len(view.live)}
    return stalled(view, Reason.DELETED, message, **active) + Plan(patches=patches) + let_go(view)


def invalid(view: ScheduleView) -> Plan | None:
    """A timetable or a template that may not be: no run is made by such a spec, and no cluster waits."""
    misplaced = refusal(view.resource["spec"]["template"]["spec"])
    try:
        timetable_of(view.spec)
        if misplaced is None and (hours := view.spec.template.spec.quiet_hours):
            time_zone(hours.time_zone, "spec.template.spec.quietHours.timeZone")
    except (TimetableInvalid, ZoneUnknown) as error:
        # A corrected timetable is another one, and counts from when it is seen.
        counted = {"schedule": timetable_text(view.spec), "time_zone": view.spec.time_zone}
        return stalled(view, _REASONS[type(error)], str(error), **counted) + let_go(view)
    return stalled(view, Reason.SPEC_INVALID, misplaced) + let_go(view) if misplaced else None


def state(view: ScheduleView) -> Plan:
    """Nothing more can be made now: says what was done, removes old runs, and when to look again."""
    chosen = settlement(view)
    plan = report(view, chosen, _cause(view, chosen)) + history(view, chosen.settled)
    plan += Plan(requeue_at=next_look(view))
    if view.occupied:
        # For refusals the store keeps the time.
        plan += Plan(requeue_at=view.now + AGAIN)
    if view.spec.suspend:
        return plan
    for wake_up in (view.next, *(expires(view, tick) for tick in chosen.due if tick > chosen.settled)):
        plan += Plan(requeue_at=wake_up)
    return plan


def _cause(view: ScheduleView, chosen: Settlement) -> Cause:
    """What there is to say of the schedule; certain: only somebody's deed can help."""
    if view.spec.suspend:
        message = "Suspended (spec.suspend); no run is started."
        return Cause(Reason.SUSPENDED, message, certain=False)
    waiting = [tick for tick in chosen.due if tick > chosen.settled and not view.made(tick)]
    if waiting:
        found = obstacle(view)
        if found is not None:
            return found
        names = ", ".join(run.name for run in view.live[:NAMED])
        message = (
            f"The tick of {local_time(view, waiting[0])} waits for the end of {names or 'an earlier run'}."
        )
        return Cause(Reason.WAITING_FOR_RUN, message, certain=False)
    if view.next is None:
        return Cause(Reason.NEVER_FIRES, "There is no tick to come any more.", certain=True)
    if chosen.settled > view.now:
        message = (
            f"Ticks up to {local_time(view, chosen.settled)} have been settled, which is yet to come: "
            f"the operator's clock was ahead. The next run is at {local_time(view, view.next)}."
        )
        return Cause(Reason.CLOCK_SET_BACK, message, certain=False)
    message = f"The next run is at {local_time(view, view.next)}. {trouble(view)}".rstrip()
    return Cause(Reason.SCHEDULED, message, certain=False)
