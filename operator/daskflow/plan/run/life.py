"""The life of a FlowRun. Read POLICIES from top to bottom: the first that has something to say decides."""

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from daskflow.api.flow import Flow
from daskflow.api.flowrun import FlowRunSpec, spec_of
from daskflow.api.flowrun_status import FlowRunStatus, status_of
from daskflow.api.invalid_spec import sentence
from daskflow.api.reasons import Reason
from daskflow.manifests.inherited_metadata import with_inherited
from daskflow.manifests.settings import Settings
from daskflow.plan.defaults import Given, for_run
from daskflow.plan.hand_edits import UNKNOWN
from daskflow.plan.model import Object, Observed, Plan, first_word
from daskflow.plan.pod.obstacles import next_look
from daskflow.plan.run.adoption import before_its_end
from daskflow.plan.run.claim import claiming
from daskflow.plan.run.deadlines import pod_deadline
from daskflow.plan.run.defaults import defaults
from daskflow.plan.run.diagnosis import diagnosis
from daskflow.plan.run.hand_edits import hand_edits, readable
from daskflow.plan.run.leftovers import remove_leftovers
from daskflow.plan.run.mending import mended
from daskflow.plan.run.name_conflict import name_conflict
from daskflow.plan.run.outcome import outcome
from daskflow.plan.run.progress import progress
from daskflow.plan.run.quiet_hours import quiet_hours
from daskflow.plan.run.resizing import resizing
from daskflow.plan.run.retention import retention
from daskflow.plan.run.retries import retries
from daskflow.plan.run.start import start
from daskflow.plan.run.status import report
from daskflow.plan.run.stopping import stopping
from daskflow.plan.run.suspension import suspension
from daskflow.plan.run.unreachable import next_overdue
from daskflow.plan.run.view import RunView
from daskflow.plan.units import template_of

Policy = Callable[[RunView], Plan | None]

POLICIES: tuple[Policy, ...] = (
    hand_edits,  # somebody else wrote into the status
    retention,  # a terminal phase never changes; what is left goes in its time
    outcome,  # the flow has spoken, or can no longer speak
    stopping,  # cancelled, past a deadline or to be suspended: the open attempt is ended
    suspension,  # nothing runs until it is resumed
    retries,  # the last attempt failed: wait, and try again when it is gone
    defaults,  # those of the namespace cannot be understood
    quiet_hours,  # no attempt is opened within spec.quietHours
    claiming,  # a cluster that waited is told of the run
    name_conflict,  # a child's name is taken
    diagnosis,  # pods that cannot start, and why
    resizing,  # the number of workers was changed
    pod_deadline,  # the runner's pod ends at the run's deadline, with or without us
    start,  # nothing is there yet: open the attempt in status, then make it, all at once
    progress,  # it runs: say how far
)

_NOTHING = FlowRunSpec(image="none", flow=Flow(script="none"))
"""Stands in for a spec that cannot be read, so that its status can be written."""


def _whole(
    resource: Object, own: FlowRunSpec, status: FlowRunStatus, seen: Observed, settings: Settings
) -> tuple[Given, FlowRunSpec]:
    """The spec with what its pool and platform give. A pool that gives what may not be gives nothing: the run
    waits until that is mended, see `claim`."""
    for pool in (template_of(seen.pool), {}):
        given = for_run(resource, own.template, status, seen.defaults, settings.defaults, pool)
        try:
            return given, own if given.applied is None else spec_of({"spec": given.spec})
        except ValidationError:
            if not pool:
                raise
    raise AssertionError("without a pool it raises, or answers")


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this FlowRun, given all that was observed of its children."""
    status = status_of(resource)
    try:
        own = with_inherited(spec_of(resource), resource, settings.inherited_prefixes)
        given, spec = _whole(resource, own, status, seen, settings)
    except ValidationError as error:
        # Only an object that was stored under an older schema gets here; what it left behind still goes.
        view = RunView(resource, _NOTHING, status, seen, now, settings)
        return retention(view) or report(view, "Failed", Reason.SPEC_INVALID, sentence(error))
    view = RunView(resource, spec, status, seen, now, settings, given)
    if not readable(resource):
        return report(view, "Failed", Reason.STATUS_INVALID, UNKNOWN)
    look = None if view.begun else next_look(view.pods, now)
    # A create that was given up may still land: what is of a closed attempt goes whatever the phase.
    leftovers = remove_leftovers(view) if view.attempt is not None else Plan()
    wake_ups = Plan(requeue_at=next_overdue(view)) + Plan(requeue_at=look)
    decided = first_word(POLICIES, view)
    if (first := before_its_end(view, decided)) is not None:
        return first + wake_ups
    return decided + leftovers + wake_ups + mended(view)
