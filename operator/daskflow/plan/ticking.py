"""Ticking: gives each tick that is due its run.

The run is made first and the tick settled in status after it, so that none is lost: its name is a function of
the tick, and making it twice a conflict. Only a run that somebody deletes between the two is made again.
"""

from datetime import datetime, tzinfo

from daskflow.api.reasons import Reason
from daskflow.manifests.scheduled_run import scheduled_run
from daskflow.plan.catch_up import Settlement
from daskflow.plan.clock import before, time_zone
from daskflow.plan.concurrency import startable
from daskflow.plan.diagnosis import refused
from daskflow.plan.finding import Finding
from daskflow.plan.model import AGAIN, Object, Plan
from daskflow.plan.schedule_sight import ScheduleSight


def ticking(sight: ScheduleSight, chosen: Settlement) -> Plan | None:
    """Creates the runs that may start now, but those whose create was refused a moment ago."""
    unwanted = {each.key.name for each in sight.refusals if not each.retry}
    unwanted |= {each.key.name for each in sight.occupied}
    zone = time_zone(sight.spec.time_zone)
    creates = tuple(
        _run(sight, tick, zone)
        for tick in startable(sight, chosen.due)
        if sight.run_name(tick) not in unwanted
    )
    return Plan(creates=creates) if creates else None


def obstacle(sight: ScheduleSight) -> Finding | None:
    """Why a run that is due cannot be made."""
    for occupied in sight.occupied:
        what = f"FlowRun {occupied.key.name}"
        if occupied.deleting:
            return Finding(Reason.WAITING_FOR_EARLIER, f"{what} is still going away.", certain=False)
        message = f"{what} exists and is not this schedule's; delete it or give the schedule another name."
        return Finding(Reason.NAME_CONFLICT, message, certain=True)
    return refused(sight.refusals[0]) if sight.refusals else None


def again(sight: ScheduleSight) -> Plan:
    """When a name that was taken is tried again; for refusals the store keeps the time."""
    return Plan(requeue_at=sight.now + AGAIN) if sight.occupied else Plan()


def _run(sight: ScheduleSight, tick: datetime, zone: tzinfo) -> Object:
    previous = before(sight.clock, tick) if _asks_for_previous(sight) else None
    times = {
        "scheduledTime": tick.astimezone(zone),
        "previousScheduledTime": previous and previous.astimezone(zone),
    }
    return scheduled_run(sight.resource, tick, times)


def _asks_for_previous(sight: ScheduleSight) -> bool:
    return "previousScheduledTime" in str(sight.spec.template.spec.flow.parameters)
