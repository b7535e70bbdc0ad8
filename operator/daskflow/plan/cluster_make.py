"""Making a DaskCluster: what its pods need first, then all pods at once, and later what is missing."""

from daskflow.api.daskcluster import SchedulerStatus
from daskflow.api.reasons import Reason
from daskflow.api.words import counted
from daskflow.manifests.cluster import secret, service
from daskflow.manifests.network_policy import network_policy
from daskflow.manifests.pass_through import cluster_fault
from daskflow.manifests.roles import scheduler_pod
from daskflow.plan.cluster_scaling import shrink, watches
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_status import report
from daskflow.plan.model import AGAIN, Object, Plan, Refusal
from daskflow.plan.workers import replace


def invalid(sight: ClusterSight) -> Plan | None:
    """A template, configuration or argument that may not be: nothing is made from such a spec.

    A cluster that has begun stays as it is until the spec is corrected.
    """
    message = cluster_fault(sight.spec)
    if not message:
        return None
    phase = "Failed" if sight.status.scheduler is None else "Degraded"
    return report(sight, phase, Reason.SPEC_INVALID, message)


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


def journal(sight: ClusterSight) -> Plan | None:
    """That the scheduler was made, once and for all, is written down before a runner may use it."""
    scheduler = sight.scheduler
    if scheduler is None or sight.status.scheduler is not None:
        return None
    record = SchedulerStatus(pod=scheduler.name, uid=scheduler.uid, scaled=watches(sight) or None)
    message = f"Starting scheduler and {counted(sight.desired, 'worker')}."
    return report(sight, "Starting", Reason.STARTING, message, scheduler=record)


def make(sight: ClusterSight) -> Plan | None:
    """Creates what is missing, removes what is too many."""
    if sight.status.scheduler is None and not sight.awaited:
        return None
    base = _base(sight)
    if base:
        return Plan(creates=base)
    if sight.place is None:
        return None
    creates: tuple[Object, ...] = ()
    if sight.status.scheduler is None and not sight.confirmed:
        return None
    if sight.status.scheduler is None:
        creates = (scheduler_pod(sight.resource, sight.spec, sight.place, sight.settings, owned=sight.owned),)
    plan = Plan(creates=creates) + replace(sight) + shrink(sight)
    return plan if plan.acts else None


def _base(sight: ClusterSight) -> tuple[Object, ...]:
    """Service, Secret and NetworkPolicy, where they are missing.

    The latter two are not read back, only made again in vain.
    """
    missing: list[Object] = []
    if sight.place is None and not any(item["kind"] == "Service" for item in sight.seen.children):
        missing.append(service(sight.resource, sight.base, tls=sight.spec.security.tls.encrypted))
    if sight.status.scheduler is not None:
        return tuple(missing)
    if sight.key("Secret", sight.base) not in sight.seen.created:
        missing.append(secret(sight.resource, sight.spec, sight.base, sight.settings))
    policy = sight.spec.security.network_policy
    if policy.enabled and sight.key("NetworkPolicy", sight.base) not in sight.seen.created:
        missing.append(network_policy(sight.resource, policy, sight.base, sight.settings))
    return tuple(missing)


def refusal(sight: ClusterSight) -> Refusal | None:
    """The API server's word on a child that it does not take; None where nobody wants it any more."""
    refusals = sight.seen.refusals
    if not refusals or (refusals[0].retry and retry(sight) is None):
        return None
    return refusals[0]


def retry(sight: ClusterSight) -> Plan | None:
    """The next try, once all that was refused is due for it and still wanted."""
    return make(sight) if all(answer.retry for answer in sight.seen.refusals) else None
