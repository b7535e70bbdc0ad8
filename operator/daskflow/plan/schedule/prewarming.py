"""A tick's cluster is started before the tick, and waits for its run; between ticks nothing stands.

Its name is a function of spec and tick, so that making it twice is a conflict; it is the run's once that has
claimed it. What is not for the next tick, or of another template, goes: a minute after the tick, what no run
has claimed. Without an operator its scheduler ends it, some two minutes after the tick.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from daskflow.api.conditions import instant, timestamp
from daskflow.api.flowrun import spec_of
from daskflow.api.flowrun_status import FlowRunStatus
from daskflow.api.flowschedule import AUTO, MOST_PREWARM
from daskflow.api.names import DASK_CLUSTER
from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.wording import full_stop
from daskflow.calendar.quiet_calendar import ends
from daskflow.calendar.timetable import times_of
from daskflow.calendar.wall_clock import ZoneUnknown
from daskflow.manifests.inherited_metadata import with_inherited
from daskflow.manifests.scheduled_run import scheduled_run
from daskflow.manifests.units import tick_hash, tick_of, tick_unit, tick_unit_name
from daskflow.plan.defaults import for_run
from daskflow.plan.model import Key, Object, Plan
from daskflow.plan.refusals import refused
from daskflow.plan.schedule.view import ScheduleView
from daskflow.plan.units import Unit

UNKNOWN = 30
"""Seconds for a start, while none was seen."""
TIMES, MORE = 2, 5
"""Of what starts took: so many times that, and so many seconds."""
BESIDE = timedelta(seconds=60)
"""For so long after its tick a cluster waits for a run that comes late."""


def prewarming(view: ScheduleView) -> Plan | None:
    """Speaks when a cluster is to be started for the next tick, or one waits in vain."""
    units = _units(view)
    template = _template(view) if units or due_at(view) is not None else None
    gone = [unit for unit in units if not unit.deleting and not _wanted(view, unit, template)]
    plan = Plan(deletes=tuple(unit.deletion for unit in gone), creates=_missing(view, units, template))
    return plan if plan.acts else None


def _missing(
    view: ScheduleView, units: Sequence[Unit], template: Mapping[str, Any] | None
) -> tuple[Object, ...]:
    due, tick = due_at(view), view.next
    if template is None or due is None or tick is None or view.now < due or _refused(view, tick):
        return ()
    if any(tick_of(unit.raw) == timestamp(tick) for unit in units):
        return ()
    return (tick_unit(view.resource, template, tick, lead(view), view.settings),)


def trouble(view: ScheduleView) -> str:
    """What is wrong with the next tick's cluster, in a sentence; empty if nothing is. Its run starts all the
    same."""
    if view.next is None:
        return ""
    key = _key(view, view.next)
    for unit in (each for each in _units(view) if tick_of(each.raw) == timestamp(view.next)):
        reason = Reason.of(unit.status.reason)
        well = not unit.over and (reason is None or reason.ordinary)
        said = full_stop(f"{unit.status.reason}: {unit.status.message}")
        return "" if well or unit.deleting else f"Its cluster, {unit.name}, is not ready: {said}"
    due = due_at(view)
    if due is None or view.now < due:
        return ""
    for refusal in (each for each in view.seen.refusals if each.key == key):
        cause = refused(refusal)
        return f"Its cluster could not be made: {cause.reason.value}: {cause.message}"
    if any(each.key == key and not each.deleting for each in view.seen.occupied):
        conflict = f"DaskCluster {key.name} exists and is not this schedule's; delete it."
        return f"Its cluster could not be made: {Reason.NAME_CONFLICT.value}: {conflict}"
    return ""


def let_go(view: ScheduleView) -> Plan:
    """Removes all that wait: no more runs are made."""
    return Plan(deletes=tuple(unit.deletion for unit in _units(view) if not unit.deleting))


def due_at(view: ScheduleView) -> datetime | None:
    """When the cluster of the next tick is to be started; None if none is."""
    busy = view.spec.concurrency_policy == "Forbid" and view.live
    if view.spec.prewarm is None or view.spec.suspend or view.next is None or busy:
        return None
    return view.next - timedelta(seconds=lead(view))


def next_look(view: ScheduleView) -> datetime | None:
    """When there is to be looked again: a cluster is due, or has waited in vain."""
    due = due_at(view)
    times = [] if due is None else [due]
    for unit in _units(view):
        try:
            times.append(instant(tick_of(unit.raw)) + BESIDE)
        except ValueError:
            continue
    return min((at for at in times if at > view.now), default=None)


def _units(view: ScheduleView) -> list[Unit]:
    return [Unit(child) for child in view.seen.children if child["kind"] == DASK_CLUSTER]


def lead(view: ScheduleView) -> int:
    """Seconds by which it is started before its tick."""
    wanted = view.spec.prewarm
    if wanted is not None and wanted != AUTO:
        return seconds(wanted)
    known = [took for run in view.runs if (took := _took(run.raw)) is not None]
    return min(round(TIMES * max(known) + MORE), MOST_PREWARM) if known else UNKNOWN


def _took(run: Object) -> float | None:
    """Seconds that the start of a run's first attempt took: until the cluster that waited was ready, else
    until the flow began."""
    attempts: Sequence[Mapping[str, Any]] = (run.get("status") or {}).get("attempts") or ({},)
    first = attempts[0]
    claim: Mapping[str, Any] = first.get("claim") or {}
    try:
        if first.get("number") != 1 or not first.get("flowStartTime"):
            return None
        ended = claim["readyTime"] if claim.get("waited") else first["flowStartTime"]
        took = instant(ended) - instant(claim.get("madeTime") or first["startTime"])
        return max(0.0, took.total_seconds())
    except (KeyError, TypeError, ValueError):
        return None  # an earlier version claimed it, or somebody wrote into the run's status


def _template(view: ScheduleView) -> Mapping[str, Any] | None:
    """The spec of the next tick's run, with its platform's defaults; None where it cannot be understood, or
    the run will not begin at its tick on a cluster of its own."""
    if view.next is None:
        return None
    run = scheduled_run(view.resource, view.next, times_of(view.spec, view.next))
    try:
        own = with_inherited(spec_of(run), run, view.settings.inherited_prefixes)
        quiet = own.quiet_hours is not None and ends(own.quiet_hours, view.next) is not None
    except (ValidationError, ZoneUnknown):
        return None
    if own.pool or own.suspend or own.cancel or quiet or not own.owns_cluster:
        return None
    given = for_run(run, own.template, FlowRunStatus(), view.seen.defaults, view.settings.defaults)
    return None if given.fault else given.spec


def _wanted(view: ScheduleView, unit: Unit, template: Mapping[str, Any] | None) -> bool:
    """Whether a run may come that has it: of the next tick, or of the last one, which has just been.

    One that has ended stays until its tick: made again, it would mostly end again, and again.
    """
    if view.spec.suspend or view.spec.prewarm is None:
        return False
    at = tick_of(unit.raw)
    if view.next is not None and at == timestamp(view.next):
        return template is not None and unit.hash == tick_hash(template)
    try:
        return not unit.over and instant(at) <= view.now < instant(at) + BESIDE
    except ValueError:
        return False


def _refused(view: ScheduleView, tick: datetime) -> bool:
    """Whether this tick's cluster could not be made a moment ago, for want of quota, say, or of its name."""
    key = _key(view, tick)
    answers = [each.key for each in view.seen.refusals if not each.retry]
    answers += [each.key for each in view.seen.occupied]
    return key in answers


def _key(view: ScheduleView, tick: datetime) -> Key:
    """By which it is known from those of runs, of which the same is seen."""
    return Key(DASK_CLUSTER, view.resource["metadata"]["namespace"], tick_unit_name(view.resource, tick))
