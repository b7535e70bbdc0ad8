"""A FlowSchedule that was deleted and that somebody's finalizer keeps: its runs are cancelled."""

from datetime import datetime

from daskflow.api.flowschedule import FlowScheduleStatus
from daskflow.api.names import FLOW_RUN
from daskflow.api.reasons import Reason
from daskflow.plan.model import Key, Object, Observed, Patch, Plan
from daskflow.plan.schedule.status import stalled
from daskflow.plan.schedule.view import Run


def deletion(resource: Object, status: FlowScheduleStatus, seen: Observed, now: datetime) -> Plan:
    """Asks its live runs to end; their records stay for whoever holds the schedule."""
    live = [run for run in map(Run, seen.children) if run.raw["kind"] == FLOW_RUN and run.live]
    patches = tuple(
        Patch(Key(FLOW_RUN, resource["metadata"]["namespace"], run.name), run.uid, {"spec": {"cancel": True}})
        for run in live
        if not run.deleting and not run.cancelled
    )
    message = "The FlowSchedule was deleted; no more runs are made"
    message += f", {len(live)} are ending." if live else "."
    names = tuple(run.name for run in live[: len(status.active)])
    counted = status.model_copy(update={"active": names, "active_count": len(live)})
    return stalled(resource, counted, Reason.DELETED, message, now) + Plan(patches=patches)
