"""Claims: an attempt begins on a cluster of a pool that waits, its runner's process parked and Dask imported.

Three steps, of which each rests on the one before:
1. the cluster is made the run's own, by the resourceVersion that it was seen with: of two runs that want it,
   or of a run and the pool that replaces it, one is refused;
2. the attempt is opened with it in status, as with any cluster;
3. its scheduler is told of the run, once that status is written, and again until it answers. It takes one
   attempt of one run, ever, so that to be told twice does no harm.
Each word comes right after a status write that was taken: who knows the run as it was some time ago has none
to say. An operator that ends between 1 and 2 leaves a cluster that is the run's and of no attempt: the next
one opens the attempt with it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from daskflow.api.conditions import timestamp
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import (
    ANNOTATION_PREWARM,
    CLUSTER_POOL,
    DASK_CLUSTER,
    LABEL_ATTEMPT,
    LABEL_RUN,
)
from daskflow.api.pool_use import Claim
from daskflow.api.reasons import Reason
from daskflow.api.remembered import Remembered
from daskflow.api.wording import full_stop
from daskflow.manifests.objects import child_metadata
from daskflow.manifests.pods import runner_env
from daskflow.manifests.units import tick_hash, tick_of
from daskflow.plan.defaults import Given
from daskflow.plan.model import Object, Patch, Plan
from daskflow.plan.question import Tell, Told, unsaid
from daskflow.plan.run.attempts import closed, opened
from daskflow.plan.run.end import End
from daskflow.plan.run.fit import misfit, sent_along
from daskflow.plan.run.leftovers import unclaimed
from daskflow.plan.run.status import journal, report
from daskflow.plan.run.view import RunView
from daskflow.plan.units import Unit, waiting_for

PATH = "/v1/claim"
SILENT = timedelta(seconds=10)
"""For so long nobody may hear of a claim, whose scheduler has started."""


@dataclass(frozen=True)
class Choice:
    """A cluster to be claimed, or the reason why there is none, with its sentence."""

    unit: Unit | None
    reason: Reason
    message: str


def first_step(view: RunView) -> Plan:
    """Opens the next attempt: with a cluster that waited where there is one, else with one to be made."""
    use = view.spec.pool
    if use is None:
        return _of_tick(view)
    # What its template gives is written down with the first attempt: without it nothing can be opened.
    known = view.seen.pool is not None or bool(view.status.attempts)
    if (mine := view.taken) is not None:
        fits = known and _still_fits(view, mine)
        return _opened(view, Unit(mine)) if fits else unclaimed(view, (mine,))
    chosen = choice(view)
    if chosen.unit is not None:
        return Plan(patches=(_taking(view, chosen.unit),))
    unknown = chosen.reason is Reason.POOL_MISSING and not view.status.attempts
    if unknown or (use.otherwise == "Wait" and not _in_vain(view, chosen)):
        return report(view, view.status.phase or "Pending", chosen.reason, chosen.message)
    return opened(view, Claim(pool=use.name, reason=chosen.reason.value, message=chosen.message))


def _in_vain(view: RunView, chosen: Choice) -> bool:
    """Whether no cluster of the pool will ever be this run's, since its first attempt says what it is."""
    misfit = chosen.reason is Reason.DOES_NOT_FIT and bool(view.status.attempts)
    return misfit or chosen.reason is Reason.CLAIM_REFUSED


def _of_tick(view: RunView) -> Plan:
    """Opens the next attempt; the first with the cluster that its schedule has started for its tick."""
    tick, mine = tick_of(view.resource), view.taken
    wanted = tick_hash(view.given.spec) if mine or (view.seen.units and tick) else ""
    if mine is not None:
        return _opened(view, Unit(mine)) if Unit(mine).hash == wanted else unclaimed(view, (mine,))
    for unit in map(Unit, view.seen.units):
        if (unit.waits or unit.starts) and tick_of(unit.raw) == tick and unit.hash == wanted:
            return Plan(patches=(_taking(view, unit),))
    if ANNOTATION_PREWARM not in (view.resource["metadata"].get("annotations") or {}):
        return opened(view)
    message = "No cluster that was started ahead of the tick waits; one is started."
    return opened(view, Claim(reason=Reason.POOL_EMPTY.value, message=message))


def pool_fault(view: RunView) -> bool:
    """Whether the pool that the run names cannot make clusters: that is said of the pool."""
    if view.spec.pool is None or view.seen.pool is None or view.status.attempts:
        return False
    return waiting_for(view.seen.pool, (), view.seen.defaults, view.settings) is None


def choice(view: RunView) -> Choice:
    """Which cluster the next attempt is to have of those that wait, if any."""
    assert view.spec.pool is not None
    name = view.spec.pool.name
    if view.seen.pool is None:
        message = (
            f'{CLUSTER_POOL} "{name}" (spec.pool) does not exist in this namespace; create it, or make a run '
            "that names another."
        )
        return Choice(None, Reason.POOL_MISSING, message)
    found = waiting_for(view.seen.pool, view.seen.units, view.seen.defaults, view.settings)
    if found is None:
        message = f'{CLUSTER_POOL} "{name}" (spec.pool) cannot be understood; its own status says why.'
        return Choice(None, Reason.POOL_MISSING, message)
    given, units = found
    if unfit := _misfit(view, given):
        changed = f"{CLUSTER_POOL} {name} has changed since this run began."
        return Choice(None, Reason.DOES_NOT_FIT, changed if view.status.attempts else f"{unfit}.")
    last = view.last_attempt
    if last is not None and last.reason == Reason.CLAIM_REFUSED.value:
        return Choice(None, Reason.CLAIM_REFUSED, "The cluster that waited did not take the run before.")
    waiting = [unit for unit in units if unit.waits] or _starting(view.seen.pool, units)
    if not waiting:
        known = (view.seen.pool.get("status") or {}).get("reason")
        because = f" ({known})" if known and known != Reason.REFILLING.value else ""
        message = f"No cluster of {CLUSTER_POOL} {name} waits{because}; its status says why."
        if not (view.seen.pool.get("spec") or {}).get("ready", 1):
            message = f"No cluster of {CLUSTER_POOL} {name} is to wait: its spec.ready is 0; scale it up."
        return Choice(None, Reason.POOL_EMPTY, message)
    return Choice(min(waiting, key=lambda unit: _turn(view, unit)), Reason.CLAIMED, "")


def _starting(pool: Object, units: Sequence[Unit]) -> list[Unit]:
    """Those that still start, of a pool whose clusters have waited before: they are ahead of a new one."""
    if not (pool.get("status") or {}).get("claimed"):
        return []
    return [unit for unit in units if unit.starts]


def _misfit(view: RunView, given: Given) -> str:
    assert view.spec.pool is not None
    return misfit(view.spec.pool.name, view.spec, _as_runs(given.spec))


_as_runs = Remembered(
    lambda template: FlowRunSpec.model_validate({**template, "flow": {"script": "none"}}), 16
)
"""A pool's template as if it were a run's whole spec, of which the flow is not compared."""


def _still_fits(view: RunView, mine: Object) -> bool:
    """Whether it is what the run asks for, which may have been suspended for days in between, and changed."""
    pool = view.seen.pool
    found = None if pool is None else waiting_for(pool, (mine,), view.seen.defaults, view.settings)
    return found is None or (bool(found[1]) and not _misfit(view, found[0]))


def _turn(view: RunView, unit: Unit) -> bytes:
    """Runs that begin at once look for their clusters in different orders."""
    return hashlib.sha256(f"{view.uid}/{unit.uid}".encode()).digest()


def _taking(view: RunView, unit: Unit) -> Patch:
    """Makes it the run's, if it still is as it was seen."""
    number = str(view.status.attempt + 1)
    wanted = child_metadata(view.resource, unit.name, {LABEL_RUN: view.name, LABEL_ATTEMPT: number})
    changes = {name: wanted[name] for name in ("labels", "annotations", "ownerReferences")}
    revision = str(unit.raw["metadata"]["resourceVersion"])
    return Patch(view.key(DASK_CLUSTER, unit.name), unit.uid, {"metadata": changes}, revision=revision)


def _opened(view: RunView, unit: Unit) -> Plan:
    """Opens the attempt with a cluster that is the run's already."""
    waited = unit.waits or unit.waited
    message = f"DaskCluster {unit.name} {'had waited' if waited else 'was starting already'}."
    claim = Claim(
        pool=view.spec.pool.name if view.spec.pool else "",
        reason=Reason.CLAIMED.value,
        message=message,
        told_time=timestamp(view.now),
        made_time=unit.raw["metadata"]["creationTimestamp"],
        ready_time=unit.ready_changed if unit.waits else None,
        waited=unit.waits,
    )
    plan = opened(view, claim, unit.raw)
    status = view.with_status(plan.status or {})
    return plan + Plan(tells=tuple(_words(status)))


def claiming(view: RunView) -> Plan | None:
    """Speaks while a claimed cluster's scheduler has not taken the run: tells it, or ends the attempt."""
    attempt = view.attempt
    if attempt is None or not attempt.claimed or view.begun:
        return None
    for tell in _words(view):
        told = next((each for each in view.seen.told if each.tell == tell), None)
        if told is not None and told.result == "Refused":
            return _refused(view, told)
        if not unsaid(tell, view.seen.told):
            return None
        assert attempt.claim is not None
        again = attempt.claim.model_copy(update={"told_time": timestamp(view.now)})
        return journal(view, attempts=view.journaled(claim=again)) + Plan(tells=(tell,))
    return None


def not_taken(view: RunView) -> str | None:
    """Why the scheduler of the open attempt's cluster will not be told of the run any more; None if it may.

    It may have heard of it all the same, and its flow may have begun: who gives up has to ask its runner.
    """
    attempt = view.attempt
    if attempt is None or not attempt.claimed or view.begun or attempt.flow_start_time:
        return None
    for told in view.seen.told:
        late = told.result == "Unheard" and view.now >= told.since + SILENT
        if told.tell in _words(view) and (late or told.result == "Lacking"):
            return told.why
    return None


def _refused(view: RunView, told: Told) -> Plan:
    message = f"DaskCluster {told.tell.cluster} had waited, and did not take the run"
    message = f"{message}: {full_stop(told.why)}" if told.why else f"{message}."
    return closed(view, End("Failed", Reason.CLAIM_REFUSED, message, "start"))


def _words(view: RunView) -> list[Tell]:
    """What the scheduler of the open attempt's cluster is to be told; nothing before it has started."""
    attempt, place, scheduler = view.attempt, view.place, view.cluster_status.scheduler
    if attempt is None or place is None or scheduler is None or scheduler.uid is None:
        return []
    if view.scheduler is None or not view.scheduler.started:
        return []
    variables = runner_env(view.resource, view.spec, place, attempt.number, view.settings)
    body = {"run": view.uid, "attempt": attempt.number, "variables": variables}
    # What is made ahead of a tick mounts its code.
    code = sent_along(view.spec.flow.files) if view.spec.pool else ()
    return [Tell(attempt.cluster, scheduler.uid, PATH, body, code or ())]
