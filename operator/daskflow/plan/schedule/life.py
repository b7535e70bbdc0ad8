"""The life of a FlowSchedule. Read POLICIES from top to bottom: the first with something to say decides."""

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from daskflow.api.conditions import instant, timestamp
from daskflow.api.flowschedule import FlowScheduleSpec, FlowScheduleStatus, spec_of, status_of
from daskflow.api.legible import legible
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.manifests.substitution import misplaced
from daskflow.plan.deletion import deleting
from daskflow.plan.invalid_spec import sentence
from daskflow.plan.model import Object, Observed, Plan
from daskflow.plan.schedule import clock as clocks
from daskflow.plan.schedule.catch_up import Settlement, expires, settlement
from daskflow.plan.schedule.concurrency import replacement
from daskflow.plan.schedule.deletion import deletion
from daskflow.plan.schedule.history import history
from daskflow.plan.schedule.status import report, stalled
from daskflow.plan.schedule.ticks import again, ticking
from daskflow.plan.schedule.view import ScheduleView, clock_text
from daskflow.plan.wall_clock import ZoneUnknown, time_zone


def rest(view: ScheduleView, chosen: Settlement) -> Plan:
    """Nothing more can be made now: says what was done, removes old runs, and when to look again."""
    plan = report(view, chosen) + history(view, chosen.settled) + again(view)
    if view.spec.suspend:
        return plan
    for wake_up in (view.next, *(expires(view, tick) for tick in chosen.due if tick > chosen.settled)):
        plan += Plan(requeue_at=wake_up)
    return plan


Policy = Callable[[ScheduleView, Settlement], Plan | None]

POLICIES: tuple[Policy, ...] = (
    ticking,  # ticks are due: make their runs
    replacement,  # a run is in their way: ask it to end
    rest,  # what has been done is written down, and old runs go
)

_REASONS: dict[type[ValueError], Reason] = {
    clocks.CronInvalid: Reason.CRON_INVALID,
    clocks.NeverFires: Reason.NEVER_FIRES,
    ZoneUnknown: Reason.TIME_ZONE_UNKNOWN,
}


def plan(resource: Object, seen: Observed, now: datetime) -> Plan:
    """What is to happen with this FlowSchedule, given its runs."""
    status = status_of(resource)
    if not legible(FlowScheduleStatus, resource.get("status")):
        # Which ticks have had their run is not known any more: none of those before now is given one.
        status = status.model_copy(update={"settled_time": timestamp(now)})
    if deleting(resource):
        return deletion(resource, status, seen, now)
    try:
        spec = spec_of(resource)
        clock = clock_of(spec)
        if hours := spec.template.spec.quiet_hours:
            time_zone(hours.time_zone, "spec.template.spec.quietHours.timeZone")
    except ValidationError as error:
        return stalled(resource, status, Reason.SPEC_INVALID, sentence(error), now)
    except (clocks.ClockInvalid, ZoneUnknown) as error:
        # A corrected clock is another one, and counts from when it is seen.
        counted = status.model_copy(update={"schedule": clock_text(spec), "time_zone": spec.time_zone})
        return stalled(resource, counted, _REASONS[type(error)], str(error), now)
    if where := misplaced(resource["spec"]["template"]["spec"]):
        message = (
            f"spec.template.spec.{where} has a scheduled time in it, which is put into flow.parameters, "
            "flow.command, flow.script and the values of env only; write $$(scheduledTime) to keep the text."
        )
        return stalled(resource, status, Reason.SPEC_INVALID, message, now)
    view = ScheduleView(resource, spec, status, clock, seen, now)
    chosen = settlement(view)
    return next(word for policy in POLICIES if (word := policy(view, chosen)) is not None)


def clock_of(spec: FlowScheduleSpec) -> clocks.Clock:
    """The schedule's clock; raises ClockInvalid or ZoneUnknown."""
    time_zone(spec.time_zone)
    if spec.cron is not None:
        return clocks.cron(spec.cron, spec.time_zone)
    anchor = instant(spec.anchor).astimezone(UTC).replace(microsecond=0) if spec.anchor else clocks.EPOCH
    return clocks.Interval(max(1, seconds(spec.interval or "")), anchor)
