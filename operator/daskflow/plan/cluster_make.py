"""Making a DaskCluster: what its pods need first, then all pods at once, and later what is missing."""

from urllib.parse import urlsplit

from daskflow.api.daskcluster import SchedulerStatus
from daskflow.api.reasons import Reason
from daskflow.api.words import counted
from daskflow.manifests.cluster import secret, service
from daskflow.manifests.network_policy import network_policy
from daskflow.manifests.pass_through import cluster_fault
from daskflow.manifests.pods import mounted_secret
from daskflow.manifests.roles import scheduler_pod
from daskflow.plan.cluster_scaling import shrink, watches
from daskflow.plan.cluster_sight import ClusterSight
from daskflow.plan.cluster_status import report
from daskflow.plan.model import AGAIN, Event, Object, Plan, Refusal
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
        message = f"{what} exists and is not ours; the cluster goes on when it is deleted."
        phase = "Degraded" if sight.status.scheduler else "Pending"
        return report(sight, phase, Reason.NAME_CONFLICT, message) + Plan(requeue_at=sight.now + AGAIN)
    return None


def journal(sight: ClusterSight) -> Plan | None:
    """That the scheduler was made, once and for all, is written down before a runner may use it."""
    scheduler = sight.scheduler
    if scheduler is None or sight.status.scheduler is not None:
        return None
    record = SchedulerStatus(
        pod=scheduler.name,
        uid=scheduler.uid,
        secret=mounted_secret(scheduler.raw),
        scaled=watches(sight) or None,
    )
    message = f"Starting scheduler and {counted(sight.desired, 'worker')}."
    return report(sight, "Starting", Reason.STARTING, message, scheduler=record)


def make(sight: ClusterSight) -> Plan | None:
    """Creates what is missing, removes what is too many."""
    if sight.status.scheduler is None and not sight.awaited:
        return None
    base = _base(sight)
    if base:
        return Plan(creates=base, events=_made_again(sight, base))
    if sight.place is None:
        return None
    creates: tuple[Object, ...] = ()
    if sight.status.scheduler is None and not sight.confirmed:
        return None
    if sight.status.scheduler is None:
        creates = (scheduler_pod(sight.resource, sight.spec, sight.place, sight.settings, owned=sight.owned),)
    plan = Plan(creates=creates) + replace(sight) + shrink(sight)
    if sight.status.scheduler is not None and plan.creates:
        # Of the Secret nothing is known but that it was made: the new pods are not to wait for one in vain.
        plan += Plan(creates=(_secret(sight),))
    return plan if plan.acts else None


def _base(sight: ClusterSight) -> tuple[Object, ...]:
    """Service, Secret and NetworkPolicy, where they are missing.

    The Secret is not read back, only made again in vain.
    """
    present = {item["kind"] for item in sight.seen.children}
    missing: list[Object] = []
    if "Service" not in present:
        missing.append(_service(sight))
    if sight.status.scheduler is None and sight.key("Secret", sight.secret_name) not in sight.seen.created:
        missing.append(_secret(sight))
    policy = sight.spec.security.network_policy
    if policy.enabled and "NetworkPolicy" not in present:
        missing.append(network_policy(sight.resource, policy, sight.base, sight.settings))
    return tuple(missing)


def _service(sight: ClusterSight) -> Object:
    """Of a cluster that has begun it keeps the address, which its pods know, unless that cannot be had."""
    body = service(sight.resource, sight.base, tls=sight.spec.security.tls.encrypted)
    address = urlsplit(sight.status.address or "").hostname if sight.status.scheduler else None
    refused = any(each.key.kind == "Service" for each in sight.seen.refusals)
    return {**body, "spec": {**body["spec"], "clusterIP": address}} if address and not refused else body


def _secret(sight: ClusterSight) -> Object:
    return secret(sight.resource, sight.spec, sight.base, sight.secret_name, sight.settings)


def _made_again(sight: ClusterSight, bodies: tuple[Object, ...]) -> tuple[Event, ...]:
    if sight.status.scheduler is None:
        return ()
    names = " and ".join(f"{body['kind']} {body['metadata']['name']}" for body in bodies)
    return (Event("Warning", Reason.RESTORED.value, f"{names} was deleted while it was needed: made again."),)


def refusal(sight: ClusterSight) -> Refusal | None:
    """The API server's word on a child that it does not take; None where nobody wants it any more."""
    refusals = _refused(sight)
    if not refusals or (refusals[0].retry and retry(sight) is None):
        return None
    return refusals[0]


def retry(sight: ClusterSight) -> Plan | None:
    """The next try, once all that was refused is due for it and still wanted."""
    return make(sight) if all(answer.retry for answer in _refused(sight)) else None


def _refused(sight: ClusterSight) -> tuple[Refusal, ...]:
    """Those that matter: a quota that is full refuses the Secret that is made in vain, too."""
    begun = sight.status.scheduler is not None
    return tuple(each for each in sight.seen.refusals if not (begun and each.key.kind == "Secret"))
