"""Writes a ClusterPool's status: how many wait, why no more, and Events that tell of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from daskflow.api.clusterpool import status_of
from daskflow.api.conditions import READY, RECONCILING, STALLED, UNUSED, Condition, instant, updated
from daskflow.api.names import LABEL_POOL
from daskflow.api.reasons import Reason
from daskflow.api.wording import counted, one_line
from daskflow.plan.cause import Cause
from daskflow.plan.model import Event, Plan
from daskflow.plan.pool.view import PoolView

UNUSED_AFTER = timedelta(days=1)


def report(view: PoolView, cause: Cause, **changes: Any) -> Plan:
    """The status that says `cause`, as a plan; an empty plan if it says so already.

    `changes` are further fields of ClusterPoolStatus.
    """
    old = view.status
    values = {
        "observed_generation": view.generation,
        "ready": len(view.waiting),
        "starting": len(view.starting),
        "hash": view.hash,
        "selector": f"{LABEL_POOL}={view.resource['metadata']['name']}",
        "reason": cause.reason.shown,
        "message": one_line(cause.message),
        **changes,
    }
    new = old.model_copy(update=values)
    wanted = (*_conditions(view, cause), *_unused(view))
    new = new.model_copy(update={"conditions": updated(old.conditions, wanted, view.now)})
    if new == status_of(view.resource):
        return Plan()
    return Plan(status=new.dump(), events=tuple(_events(view, cause, new.conditions)))


def journaled(view: PoolView, **changes: Any) -> PoolView:
    """The view with this written down."""
    return replace(view, status=view.status.model_copy(update=changes))


def unused_at(view: PoolView) -> datetime | None:
    """When it is to be said that nobody claims anything, None where nothing waits."""
    if not view.spec.ready:
        return None
    since = view.status.last_claim_time or view.resource["metadata"]["creationTimestamp"]
    return instant(since) + UNUSED_AFTER


def _conditions(view: PoolView, cause: Cause) -> Iterable[Condition]:
    """kstatus: a pool is ready while as many wait as are to."""
    well = cause.reason is Reason.CLUSTERS_WAIT
    holds = {
        READY: well,
        RECONCILING: not well and not cause.certain,
        STALLED: not well and cause.certain,
    }
    for type_, value in holds.items():
        yield Condition(
            type=type_,
            status="True" if value else "False",
            reason=cause.reason.value,
            message=one_line(cause.message),
            observed_generation=view.generation,
        )


def _unused(view: PoolView) -> Iterable[Condition]:
    at = unused_at(view)
    if at is None or view.now < at:
        return
    message = (
        f"No run has claimed a cluster for a day or longer, and {counted(view.spec.ready, 'cluster')} "
        "wait all the time; set spec.ready to 0 if that goes on, or delete the pool."
    )
    yield Condition(
        type=UNUSED,
        status="True",
        reason=Reason.POOL_UNUSED.value,
        message=message,
        observed_generation=view.generation,
    )


def _events(view: PoolView, cause: Cause, conditions: Iterable[Condition]) -> Iterable[Event]:
    type_ = cause.reason.event
    if type_ is not None and cause.reason.value != view.status.reason:
        yield Event(type_, cause.reason.value, one_line(cause.message))
    said = {each.type for each in view.status.conditions}
    for each in conditions:
        if each.type == UNUSED and UNUSED not in said:
            yield Event("Warning", each.reason, each.message)
