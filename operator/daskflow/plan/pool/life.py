"""The life of a ClusterPool. Read POLICIES from top to bottom: the first with something to say decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from daskflow.api.clusterpool import (
    ClusterPoolSpec,
    ClusterPoolStatus,
    UnitSpec,
    UnitTemplate,
    spec_of,
    status_of,
)
from daskflow.api.invalid_spec import sentence
from daskflow.api.names import LABEL_POOL
from daskflow.api.reasons import Reason
from daskflow.manifests.settings import Settings
from daskflow.plan.cause import Cause
from daskflow.plan.defaults import for_pool
from daskflow.plan.deletion import deleting
from daskflow.plan.mending import mended
from daskflow.plan.model import Object, Observed, Plan, first_word
from daskflow.plan.pool.claims import claims
from daskflow.plan.pool.leaving import aged, ended, next_roomless, stale, surplus, yielding
from daskflow.plan.pool.refill import due_at, missing, refill
from daskflow.plan.pool.state import cause, deletion, recovered
from daskflow.plan.pool.status import report, unused_at
from daskflow.plan.pool.view import PoolView
from daskflow.plan.units import template_of

Policy = Callable[[PoolView], Plan | None]


def state(view: PoolView) -> Plan:
    """Nothing is to be made or removed now: how many wait is written down, and when to look again."""
    plan = report(view, cause(view))
    due = due_at(view) if missing(view) else None
    given_up = (unit.given_up_at for unit in (*view.starting, *view.stale))
    for at in (due, next_roomless(view), unused_at(view), view.next_age, *given_up):
        if at is not None and at > view.now:
            plan += Plan(requeue_at=at)
    return plan


POLICIES: tuple[Policy, ...] = (
    deletion,  # no cluster waits any more
    claims,  # runs have claimed clusters: count them
    ended,  # clusters that are over go
    recovered,  # clusters live again: no more of those that did not
    stale,  # clusters of another template go when one of this one waits
    aged,  # clusters that have waited for long go when their successors wait
    yielding,  # a run has no room: a cluster is given up for it
    surplus,  # more wait than are wanted
    refill,  # clusters are missing: their numbers are noted, then they are made
    state,  # how many wait is written down
)

_NOTHING = ClusterPoolSpec(ready=0, template=UnitTemplate(spec=UnitSpec(image="none")))
"""Stands in for a spec that cannot be read, so that its status can be written."""


def plan(resource: Object, seen: Observed, now: datetime, settings: Settings) -> Plan:
    """What is to happen with this ClusterPool, given its clusters. A status that cannot be read begins anew:
    numbers go on from those in names."""
    status: ClusterPoolStatus = status_of(resource)
    try:
        spec = spec_of(resource)
        given = for_pool(template_of(resource), seen.defaults, settings.defaults)
        if given.applied is not None:
            UnitSpec.model_validate(given.spec)
    except ValidationError as error:
        view = PoolView(resource, _NOTHING, status, seen, now, settings)
        return deletion(view) or report(view, Cause(Reason.SPEC_INVALID, sentence(error), certain=True))
    view = PoolView(resource, spec, status, seen, now, settings, given)
    decided = first_word(POLICIES, view)
    return decided if deleting(resource) else decided + _mended(view)


def _mended(view: PoolView) -> Plan:
    """Labels and owner of its clusters, by their resourceVersion: whoever claims one changes both."""
    labels = {LABEL_POOL: view.resource["metadata"]["name"]}
    plan = Plan()
    for unit in view.units:
        found = mended(unit.raw, view.resource, labels)
        if not found.acts:
            continue
        revision = str(unit.raw["metadata"]["resourceVersion"])
        plan += found.but(patches=tuple(replace(each, revision=revision) for each in found.patches))
    return plan
