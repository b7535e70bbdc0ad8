"""The life of a FlowSchedule. Read POLICIES from top to bottom: the first with something to say decides."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from daskflow.api.conditions import timestamp
from daskflow.api.flow import Flow
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.flowschedule import FlowScheduleSpec, FlowScheduleStatus, RunTemplate, spec_of, status_of
from daskflow.api.invalid_spec import sentence
from daskflow.api.legible import legible
from daskflow.api.reasons import Reason
from daskflow.manifests.settings import Settings
from daskflow.plan.model import Object, Observed, Plan, first_word
from daskflow.plan.schedule.prewarming import let_go, prewarming
from daskflow.plan.schedule.state import deletion, invalid, state
from daskflow.plan.schedule.status import stalled
from daskflow.plan.schedule.ticks import replacement, ticking
from daskflow.plan.schedule.view import ScheduleView

Policy = Callable[[ScheduleView], Plan | None]

POLICIES: tuple[Policy, ...] = (
    deletion,  # its runs end, and no more are made
    invalid,  # a timetable or template that may not be
    ticking,  # ticks are due: make their runs
    replacement,  # a run is in their way: ask it to end
    prewarming,  # the cluster of the next tick is started ahead
    state,  # what has been done is written down, and old runs go
)

_NOTHING = FlowScheduleSpec(
    cron="@yearly", template=RunTemplate(spec=FlowRunSpec(image="none", flow=Flow(script="none")))
)
"""Stands in for a spec that cannot be read, so that its status can be written."""


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this FlowSchedule, given its runs."""
    status = status_of(resource)
    if not legible(FlowScheduleStatus, resource.get("status")):
        # Which ticks have had their run is not known any more: none of those before now is given one.
        status = status.model_copy(update={"settled_time": timestamp(now)})
    try:
        spec = spec_of(resource)
    except ValidationError as error:
        view = ScheduleView(resource, _NOTHING, status, seen, now, settings)
        return deletion(view) or stalled(view, Reason.SPEC_INVALID, sentence(error)) + let_go(view)
    return first_word(POLICIES, ScheduleView(resource, spec, status, seen, now, settings))
