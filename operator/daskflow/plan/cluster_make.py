"""Making a DaskCluster: Service and Secret first, then all pods at once."""

from datetime import timedelta

from daskflow.api.daskcluster import SchedulerStatus
from daskflow.api.reasons import Reason
from daskflow.manifests.cluster import secret, service
from daskflow.manifests.roles import scheduler_pod
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_status import report
from daskflow.plan.diagnosis import refused
from daskflow.plan.model import AGAIN, Object, Plan
from daskflow.plan.workers import failing, next_proof, replace

SETTLING = timedelta(seconds=2)
"""A changed number of ready workers is written when it has stood still for so long."""


def conflict(sight: ClusterSight) -> Plan | None:
    """A child's name is taken: by an earlier incarnation, which is waited for, or by a stranger."""
    for occupied in sight.seen.occupied:
        what = f"{occupied.key.kind} {occupied.key.name}"
        if occupied.deleting or occupied.owner_name == sight.resource["metadata"]["name"]:
            message = f"{what} of an earlier cluster of this name is still going away."
            waiting = report(sight, sight.status.phase or "Pending", Reason.WAITING_FOR_EARLIER, message)
            return waiting + Plan(requeue_at=sight.now + AGAIN)
        message = f"{what} exists and is not ours; delete it or choose another name."
        return report(sight, "Failed", Reason.NAME_CONFLICT, message)
    return None


def refusal(sight: ClusterSight) -> Plan | None:
    """The API server does not take one of the children; tried again now and then, if it may heal."""
    refusals = sight.seen.refusals
    again = make(sight) if all(answer.retry for answer in refusals) else None
    if not refusals or (refusals[0].retry and again is None):
        return None
    finding = refused(refusals[0])
    begun = sight.status.scheduler is not None
    phase = "Degraded" if begun else "Failed" if finding.certain else "Pending"
    return report(sight, phase, finding.reason, finding.message) + (again or Plan())


def journal(sight: ClusterSight) -> Plan | None:
    """That the scheduler was made, once and for all, is written down before a runner may use it."""
    scheduler = sight.scheduler
    if scheduler is None or sight.status.scheduler is not None:
        return None
    record = SchedulerStatus(pod=scheduler.name, uid=scheduler.uid)
    message = f"Starting scheduler and {sight.desired} workers."
    return report(sight, "Starting", Reason.STARTING, message, scheduler=record)


def make(sight: ClusterSight) -> Plan | None:
    """Creates what is missing."""
    base = _base(sight)
    if base:
        return Plan(creates=base)
    if sight.place is None:
        return None
    creates: tuple[Object, ...] = ()
    if sight.status.scheduler is None:
        creates = (scheduler_pod(sight.resource, sight.spec, sight.place, sight.settings, owned=sight.owned),)
    plan = Plan(creates=creates) + replace(sight)
    return plan if plan.acts else None


def _base(sight: ClusterSight) -> tuple[Object, ...]:
    """Service and Secret, where they are missing. The Secret cannot be read back, only made again in vain."""
    missing: list[Object] = []
    if sight.place is None and not any(item["kind"] == "Service" for item in sight.seen.children):
        missing.append(service(sight.resource, sight.base))
    if sight.status.scheduler is None and sight.key("Secret", sight.base) not in sight.seen.created:
        missing.append(secret(sight.resource, sight.spec, sight.base, sight.settings))
    return tuple(missing)


def state(sight: ClusterSight) -> Plan:
    """How the cluster is: Starting, Ready, or Degraded for want of workers."""
    wait = replace(sight).requeue_at
    later = Plan(requeue_at=wait)
    if sight.scheduler is None or (sight.scheduler.terminated and not sight.scheduler.ended):
        return later  # its pod's last phase, which says what became of it, is about to come
    if message := failing(sight):
        proof = Plan(requeue_at=next_proof(sight))
        return report(sight, "Degraded", Reason.WORKERS_FAILING, message) + later + proof
    complete = sight.scheduler.started and sight.ready >= sight.desired
    if complete:
        message = f"Scheduler and {sight.desired} workers are ready."
        return report(sight, "Ready", Reason.READY, message) + later
    if sight.status.phase not in ("Ready", "Degraded"):
        message = f"Starting scheduler and {sight.desired} workers."
        unchanged = sight.status.phase == "Starting" and sight.status.reason == "" and not sight.spec_changed
        return later if unchanged else report(sight, "Starting", Reason.STARTING, message) + later
    settled_at = max((pod.ready_at for pod in sight.workers if pod.ready_at), default=sight.now) + SETTLING
    if sight.now < settled_at:
        return later + Plan(requeue_at=settled_at)
    message = f"{sight.ready} of {sight.desired} workers are ready."
    return report(sight, "Degraded", Reason.WAITING_FOR_WORKERS, message) + later
