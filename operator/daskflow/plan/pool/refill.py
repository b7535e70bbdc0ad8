"""Which clusters are made, and when.

Their numbers are written down before they are made, and none is used again: a create that lands late makes
one too many, which goes, and never one that a run has had.
"""

from datetime import datetime, timedelta

from daskflow.manifests.units import unit
from daskflow.plan.model import Plan
from daskflow.plan.pool.leaving import roomless
from daskflow.plan.pool.state import AFTER_YIELD, cause, fault
from daskflow.plan.pool.status import report
from daskflow.plan.pool.view import PoolView
from daskflow.plan.units import ordinal_of

AT_ONCE = 10
"""Clusters that are on their way at the same time, so that a large pool leaves room for runs."""
AFTER_CLAIM = timedelta(seconds=5)
"""A claimed flow that has not begun by then is waited for no longer."""
BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=5)


def refill(view: PoolView) -> Plan | None:
    """Speaks when clusters are missing and it is time to make them."""
    if _held(view) or fault(view) is not None:
        return None
    if view.refusals:
        # Under the names that are noted already; others would be refused as well.
        again = [each.key.name for each in view.refusals if each.retry][: missing(view)]
        return Plan(creates=tuple(_made(view, ordinal_of(name)) for name in again)) if again else None
    due = due_at(view)
    count = missing(view)
    if not count or (due is not None and view.now < due):
        return None
    last = view.last_ordinal
    numbers = range(last + 1, last + count + 1)
    noted = report(view, cause(view), ordinal=last + count, starting=len(view.starting) + count)
    return noted + Plan(creates=tuple(_made(view, number) for number in numbers))


def missing(view: PoolView) -> int:
    """How many may be made now: with some to be replaced one more than wanted; beside stale ones one."""
    wanted = view.spec.ready
    if view.stale:
        wanted = min(wanted, 1)
    elif view.old and wanted:
        wanted += 1
    return max(0, min(wanted - len(view.fresh), AT_ONCE - len(view.starting)))


def due_at(view: PoolView) -> datetime | None:
    """When the next may be made; None: at once."""
    status = view.status
    times = []
    if view.beginning and view.last_claimed_at:
        times.append(view.last_claimed_at + AFTER_CLAIM)
    if status.failures and view.failed_at:
        wait = min(BACKOFF * 2.0 ** min(status.failures - 1, 20), LONGEST_BACKOFF)
        times.append(view.failed_at + wait)
    if view.yielded_at:
        times.append(view.yielded_at + AFTER_YIELD)
    return max(times, default=None)


def _held(view: PoolView) -> bool:
    """Nobody takes room that a run has just been given, or waits for."""
    return bool(roomless(view))


def _made(view: PoolView, ordinal: int) -> dict[str, object]:
    return unit(view.resource, view.spec, view.given.spec, ordinal, view.settings)
