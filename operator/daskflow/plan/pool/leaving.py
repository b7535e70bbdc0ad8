"""Which clusters go. Each is deleted by uid and resourceVersion: one that a run has claimed meanwhile stays.

At rest one more waits than are wanted, at most: what replaces another is there before that goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.conditions import instant, timestamp
from daskflow.api.reasons import Reason
from daskflow.plan.cause import Cause
from daskflow.plan.model import Object, Plan
from daskflow.plan.pool.state import cause
from daskflow.plan.pool.status import journaled, report
from daskflow.plan.pool.view import PoolView
from daskflow.plan.units import Unit

SHORT_LIFE = timedelta(minutes=1)
"""A cluster that ends before is no sign that others would live."""
PATIENCE = timedelta(seconds=10)
"""For so long a run without room waits for it before a cluster is given up for it, and then for another."""


def ended(view: PoolView) -> Plan | None:
    """Those that are over are removed; how many never waited, in a row, is written down first."""
    refused = {each.key for each in view.seen.refused_writes if each.verb == "delete" and not each.retry}
    deletes = _gone(unit for unit in view.over if unit.deletion.key not in refused)
    short = [unit for unit in view.over if _short_lived(view, unit)]
    noted = tuple(unit.ordinal for unit in short)
    if not set(noted) - set(view.status.failed):
        return deletes if deletes.acts else None
    changes = {
        "failures": view.status.failures + 1,
        "failure_time": timestamp(view.now),
        "failure": f"{short[-1].name}: {short[-1].status.message}",
        "failed": noted,
    }
    return report(view, cause(journaled(view, **changes)), **changes) + deletes


def _short_lived(view: PoolView, unit: Unit) -> bool:
    """One that has waited before it ended, for a drain say, is no sign that others would not live."""
    return not unit.waited or view.now < unit.created + SHORT_LIFE


def stale(view: PoolView) -> Plan | None:
    """Those of another template: when one of this one waits, or none is to, they go.

    Until then they stay for somebody who takes the template back. They make room for their successor.
    """
    if not view.stale:
        return None
    if view.waiting or not view.spec.ready:
        return _gone(view.stale)
    if view.refusals:
        return _gone(view.stale[:1])
    return _gone(view.stale[: -view.spec.ready]) if len(view.stale) > view.spec.ready else None


def aged(view: PoolView) -> Plan | None:
    """Those that have waited for too long, or with an older runtime: each when its successor waits."""
    if not view.old:
        return None
    successors = sum(unit not in view.old for unit in view.waiting)
    count = successors + len(view.old) - view.spec.ready
    if view.refusals:
        count = max(count, 1)
    return _gone(view.old[:count]) if count > 0 else None


def yielding(view: PoolView) -> Plan | None:
    """A run of the namespace has no room: the oldest cluster that waits is given up for it."""
    runs = roomless(view)
    if not runs or not view.idle:
        return None
    last = view.yielded_at
    if last is not None and view.now < last + PATIENCE:
        return None
    unit = (*view.stale, *view.fresh)[0]
    names = runs[0]["metadata"]["name"] + (f" and {len(runs) - 1} more" if len(runs) > 1 else "")
    message = f"{unit.name} was given up: FlowRun {names} had no room."
    return report(
        view, Cause(Reason.YIELDING, message, certain=False), yield_time=timestamp(view.now)
    ) + _gone((unit,))


def surplus(view: PoolView) -> Plan | None:
    """More than are wanted: those that do not wait yet go first, the newest of them, then the oldest."""
    wanted = view.spec.ready + (1 if view.old and view.spec.ready else 0)
    count = len(view.fresh) - wanted
    if count <= 0:
        return None
    order = (*reversed(view.starting), *view.waiting)
    return _gone(order[:count])


def roomless(view: PoolView) -> list[Object]:
    """Runs whose attempt has been open for long enough, and finds no room."""
    return [run for run in view.seen.roomless if (at := _heard_at(run)) is not None and view.now >= at]


def next_roomless(view: PoolView) -> datetime | None:
    """When a run will have waited for long enough, or the next cluster may be given up for one."""
    times = [at for run in view.seen.roomless if (at := _heard_at(run)) is not None]
    if roomless(view) and view.idle and view.yielded_at:
        times.append(view.yielded_at + PATIENCE)
    return min((at for at in times if at > view.now), default=None)


def _heard_at(run: Object) -> datetime | None:
    attempts: Sequence[Mapping[str, Any]] = (run.get("status") or {}).get("attempts") or ({},)
    last = attempts[-1]
    began = last.get("startTime")
    if not began or last.get("endTime"):
        return None
    try:
        return instant(began) + PATIENCE
    except ValueError:
        return None  # somebody wrote into the run's status


def _gone(units: Iterable[Unit]) -> Plan:
    return Plan(deletes=tuple(unit.deletion for unit in units))
