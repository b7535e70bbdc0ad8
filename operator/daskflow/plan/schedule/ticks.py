"""Ticking: gives each tick that is due its run.

The run is made first and the tick settled in status after it, so that none is lost: its name is a function of
the tick, and making it twice a conflict. Only a run that somebody deletes between the two is made again.
"""

from datetime import datetime, tzinfo

from daskflow.api.reasons import Reason
from daskflow.manifests.scheduled_run import scheduled_run
from daskflow.plan.cause import Cause
from daskflow.plan.model import AGAIN, Object, Plan
from daskflow.plan.refusals import refused
from daskflow.plan.schedule.catch_up import Settlement
from daskflow.plan.schedule.clock import before
from daskflow.plan.schedule.concurrency import startable
from daskflow.plan.schedule.view import ScheduleView
from daskflow.plan.wall_clock import time_zone


def ticking(view: ScheduleView, chosen: Settlement) -> Plan | None:
    """Creates the runs that may start now, but those whose create was refused a moment ago."""
    unwanted = {each.key.name for each in view.refusals if not each.retry}
    unwanted |= {each.key.name for each in view.occupied}
    zone = time_zone(view.spec.time_zone)
    creates = tuple(
        _run(view, tick, zone) for tick in startable(view, chosen.due) if view.run_name(tick) not in unwanted
    )
    return Plan(creates=creates) if creates else None


def obstacle(view: ScheduleView) -> Cause | None:
    """Why a run that is due cannot be made."""
    for occupied in view.occupied:
        what = f"FlowRun {occupied.key.name}"
        if occupied.deleting:
            return Cause(Reason.WAITING_FOR_EARLIER, f"{what} is still going away.", certain=False)
        message = f"{what} exists and is not this schedule's; delete it or give the schedule another name."
        return Cause(Reason.NAME_CONFLICT, message, certain=True)
    return refused(view.refusals[0]) if view.refusals else None


def again(view: ScheduleView) -> Plan:
    """When a name that was taken is tried again; for refusals the store keeps the time."""
    return Plan(requeue_at=view.now + AGAIN) if view.occupied else Plan()


def _run(view: ScheduleView, tick: datetime, zone: tzinfo) -> Object:
    previous = before(view.clock, tick) if _asks_for_previous(view) else None
    times = {
        "scheduledTime": tick.astimezone(zone),
        "previousScheduledTime": previous and previous.astimezone(zone),
    }
    return scheduled_run(view.resource, tick, times)


def _asks_for_previous(view: ScheduleView) -> bool:
    return "previousScheduledTime" in str(view.spec.template.spec.flow.parameters)
