"""How a DaskCluster is: Starting, Ready, or Degraded for want of workers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from daskflow.api.quantities import seconds
from daskflow.api.reasons import Reason
from daskflow.api.words import are, counted
from daskflow.plan.certificate_expiry import expiring_at
from daskflow.plan.cluster_make import refusal, retry
from daskflow.plan.cluster_scaling import shrink, watches
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_status import group_statuses, report
from daskflow.plan.diagnosis import refused
from daskflow.plan.finding import Finding
from daskflow.plan.groups import Group
from daskflow.plan.late import late, next_late, sentence
from daskflow.plan.model import Plan
from daskflow.plan.obstacles import next_look, pod_findings
from daskflow.plan.pods import Pod
from daskflow.plan.settling import settled_at
from daskflow.plan.workers import failing, next_proof, replace, trouble

Words = tuple[str, Reason, str]
"""Phase, reason and message."""

ARRIVAL = timedelta(minutes=2)
"""After its creation, a worker that has not registered is not one that is about to."""
_CALM = frozenset({Reason.READY, Reason.STARTING, Reason.WAITING_FOR_WORKERS})
"""What is said of numbers that come and go, so that it can wait until they stand still."""


def words(sight: ClusterSight) -> Words:
    """What there is to say, by what is seen now."""
    if (answer := refusal(sight)) is not None:
        finding = refused(answer)
        begun = sight.status.scheduler is not None
        phase = "Degraded" if begun else "Failed" if finding.certain else "Pending"
        return phase, finding.reason, finding.message
    if (pod := late((sight.scheduler,), sight.now)) is not None:
        return "Degraded", Reason.NODE_UNREACHABLE, sentence(pod)
    for group in sight.groups:
        found = trouble(group, sight.now)
        if found is not None and failing(group, sight.now):
            return ("Degraded", *found)
    if _enough(sight):
        return _ready(sight)
    begun = sight.status.phase in ("Ready", "Degraded")
    obstacle = next(_obstacles(sight), None)
    if obstacle is not None:
        return "Degraded" if begun else "Starting", obstacle.reason, obstacle.message
    if not begun:
        return "Starting", Reason.STARTING, f"Starting scheduler and {counted(sight.desired, 'worker')}."
    message = f"{_there(sight)} of {counted(sight.desired, 'worker')} {are(sight.desired)} ready."
    return "Degraded", Reason.WAITING_FOR_WORKERS, message


def _ready(sight: ClusterSight) -> Words:
    there = _there(sight)
    count = counted(sight.desired, "worker")
    message = f"Scheduler and {f'{there} of ' if there < sight.desired else ''}{count} are ready."
    held = sight.told.held if sight.told else {}
    if not held:
        return "Ready", Reason.READY, message
    name, what = min(held.items())
    more = f", and {counted(len(held) - 1, 'more worker')} likewise" if len(held) > 1 else ""
    message = f"{message[:-1]}; {name} is to go and stays, since it holds {what}{more}."
    return "Ready", Reason.HOLDING_ACTORS, message


def _there(sight: ClusterSight) -> int:
    """Ready workers, those that are too many in one group not making up for others."""
    return sum(min(group.ready, group.desired) for group in sight.groups)


def _enough(sight: ClusterSight) -> bool:
    """Whether each group has all of its workers, or after its patience the required ones."""
    if sight.scheduler is None or not sight.scheduler.started:
        return False
    return all(group.ready >= _needed(sight, group) for group in sight.groups)


def _needed(sight: ClusterSight, group: Group) -> int:
    """Where the number follows the demand, more than the least is on its way and nobody waits for it."""
    needed = group.desired if group.spec.autoscale is None else group.spec.autoscale.minimum
    patient_until = _patient_until(sight, group)
    if group.spec.required is None or patient_until is None or sight.now < patient_until:
        return needed
    return min(needed, group.spec.required)


def _patient_until(sight: ClusterSight, group: Group) -> datetime | None:
    ready_at = sight.scheduler.ready_at if sight.scheduler and sight.scheduler.started else None
    return None if ready_at is None else ready_at + timedelta(seconds=seconds(group.spec.patience))


def _obstacles(sight: ClusterSight) -> Iterator[Finding]:
    """What keeps pods from starting; of a run's cluster the run itself tells that."""
    if sight.owned:
        return
    if sight.scheduler is not None:
        yield from pod_findings(sight.scheduler, sight.now)
    for group in sight.groups:
        for pod in group.staying:
            yield from pod_findings(pod, sight.now)


def _waited_for(sight: ClusterSight) -> Iterator[Pod]:
    pods = (*((sight.scheduler,) if sight.scheduler else ()), *sight.workers)
    return (pod for pod in pods if not pod.started)


def noted(sight: ClusterSight) -> Plan | None:
    """What later steps rest on is written down first.

    That the scheduler is told of numbers; since when workers are too many; the ordinals of those removed.
    """
    record = sight.status.scheduler
    if record is None:
        return None
    due = watches(sight) and not record.scaled
    for group, new in zip(sight.groups, group_statuses(sight, whole=True), strict=True):
        old = group.said
        since = old.surplus_since if old else None
        due |= bool(new.surplus_since and new.surplus_since != since)
        due |= new.ordinal is not None and new.ordinal != (old.ordinal if old else None)
    return report(sight, *words(sight)) if due else None


def refusals(sight: ClusterSight) -> Plan | None:
    """The API server does not take one of the children; tried again now and then, if it may heal."""
    if refusal(sight) is None:
        return None
    return report(sight, *words(sight)) + (retry(sight) or shrink(sight))


def state(sight: ClusterSight) -> Plan:
    """Says how it is, where that is news; counts when they have settled."""
    patience = (_patient_until(sight, group) for group in sight.groups if group.spec.required is not None)
    obstacles = None if sight.owned else next_look(_waited_for(sight), sight.now)
    wake_ups = (
        (replace(sight) + shrink(sight)).requeue_at,
        next_proof(sight),
        expiring_at(sight),
        obstacles,
        *patience,
    )
    wake_ups = (*wake_ups, next_late((sight.scheduler,), sight.now))
    later = Plan(requeue_at=min((at for at in wake_ups if at and at > sight.now), default=None))
    if sight.scheduler is None:
        return later
    phase, reason, message = words(sight)
    old = sight.status
    unremarkable = phase == "Starting" == old.phase and reason is Reason.STARTING and not old.reason
    if sight.owned and unremarkable and not sight.spec_changed:
        return later
    plan = report(sight, phase, reason, message)
    at = max(settled_at(sight.workers, sight.now), _arrived_at(sight))
    hasty = reason not in _CALM or sight.spec_changed or (phase == "Ready" and old.phase != "Ready")
    if plan.acts and not hasty and sight.now < at:
        return later + Plan(requeue_at=at)
    return plan + later


def _arrived_at(sight: ClusterSight) -> datetime:
    """When a few more of many workers are worth a write, though others are still on their way.

    Each time that news of one is late it looks as if the number stood still; a tenth of them is news.
    """
    change = abs(sight.ready - sight.status.workers.ready)
    waited_for = [pod.created_at for group in sight.groups for pod in group.staying if not pod.started]
    if not waited_for or change * 10 >= sight.desired:
        return sight.now
    return max(waited_for) + ARRIVAL
