"""How a ClusterPool is: deleted, not to be understood, or with so many clusters that wait."""

from datetime import timedelta

from daskflow.api.conditions import instant, timestamp
from daskflow.api.reasons import Reason
from daskflow.api.wording import are, counted
from daskflow.plan.cause import Cause
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Plan
from daskflow.plan.pool.status import report
from daskflow.plan.pool.view import PoolView
from daskflow.plan.refusals import refused


def deletion(view: PoolView) -> Plan | None:
    """Speaks from a deletion that somebody's finalizer holds up: no cluster waits, and none is made."""
    if not deleting(view.resource):
        return None
    said = report(view, Cause(Reason.DELETED, "The ClusterPool was deleted; no cluster waits.", certain=True))
    return said + Plan(deletes=tuple(unit.deletion for unit in view.units))


def fault(view: PoolView) -> Cause | None:
    """A template, or defaults of its namespace, that may not be: nothing is made of it, and what waits stays
    until it is corrected, unless it is in somebody's way."""
    if view.given.fault:
        return Cause(Reason.DEFAULTS_INVALID, view.given.fault, certain=False)
    message = view.template_fault
    return Cause(Reason.SPEC_INVALID, message, certain=True) if message else None


def cause(view: PoolView) -> Cause:
    """What there is to say of a pool that is not being deleted."""
    if (found := fault(view)) is not None:
        return found
    wanted, there = view.spec.ready, len(view.waiting)
    if not wanted:
        return Cause(Reason.CLUSTERS_WAIT, "No cluster is to wait (spec.ready is 0).", certain=False)
    if not view.lacking:
        waits = "waits" if wanted == 1 else "wait"
        notes = [unit.status.standby.note for unit in view.waiting if unit.status.standby]
        note = next((f" {each}" for each in notes if each), "")
        return Cause(Reason.CLUSTERS_WAIT, f"{counted(wanted, 'cluster')} {waits}.{note}", certain=False)
    have = f"{there} of {counted(wanted, 'cluster')} {are(wanted)} waiting"
    if view.refusals:
        why = refused(view.refusals[0])
        return Cause(why.reason, f"{have}: {why.message}", why.certain)
    if view.seen.roomless and view.status.yield_time:
        names = ", ".join(str(run["metadata"]["name"]) for run in view.seen.roomless[:_NAMED])
        message = f"{have}; none is made while FlowRun {names} has no room."
        return Cause(Reason.YIELDING, message, certain=False)
    for unit in view.starting:
        reason = Reason.of(unit.status.reason)
        if reason is not None and (not reason.ordinary or unit.status.phase == "Degraded"):
            return Cause(reason, f"{have}. {unit.name}: {unit.status.message}", certain=False)
    if view.status.failures and view.status.failure_time:
        count = view.status.failures
        times = "the last one" if count == 1 else f"the last {count}"
        message = f"{have}; {times} ended early. {view.status.failure}"
        return Cause(Reason.POOL_FAILING, message, certain=False)
    if not view.starting and view.yielded_at and (until := view.yielded_at + AFTER_YIELD) > view.now:
        message = f"{have}; room was given to a run, and the next is made at {timestamp(until)}."
        return Cause(Reason.YIELDING, message, certain=False)
    return Cause(Reason.REFILLING, f"{have}; {len(view.starting)} {are(len(view.starting))} starting.", False)


AFTER_YIELD = timedelta(minutes=1)
"""From the last cluster that was given up until the next is made, once all runs have room."""
_NAMED = 3


def recovered(view: PoolView) -> Plan | None:
    """A cluster that waits proves that clusters can."""
    since = view.status.failure_time
    if not view.status.failures or since is None:
        return None
    if any(unit.created > instant(since) for unit in view.waiting):
        return report(view, cause(view), failures=0, failure_time=None, failure="")
    return None
