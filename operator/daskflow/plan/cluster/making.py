"""Making a DaskCluster: what its pods need first, then all pods at once, and later what is missing."""

from urllib.parse import urlsplit

from daskflow.api.daskcluster import SchedulerStatus
from daskflow.api.names import FLOW_RUN, LABEL_POOL
from daskflow.api.reasons import Reason
from daskflow.api.wording import counted
from daskflow.manifests.cluster import secret, service
from daskflow.manifests.common_pod import mounted_secret
from daskflow.manifests.network_policy import network_policy
from daskflow.manifests.objects import owner_of
from daskflow.manifests.pods import scheduler_pod
from daskflow.manifests.refused_settings import cluster_fault
from daskflow.manifests.units import waiting_runner
from daskflow.plan.cluster.status import report
from daskflow.plan.cluster.view import ClusterView
from daskflow.plan.cluster.workers import replenish, shrink
from daskflow.plan.model import AGAIN, Event, Object, Plan, Refusal


def invalid(view: ClusterView) -> Plan | None:
    """A template, configuration or argument that may not be: nothing is made from such a spec.

    A cluster that has begun stays as it is until the spec is corrected.
    """
    message = cluster_fault(view.spec) or _misplaced(view)
    if not message:
        return None
    phase = "Failed" if view.status.scheduler is None else "Degraded"
    return report(view, phase, Reason.SPEC_INVALID, message)


def _misplaced(view: ClusterView) -> str:
    """Nobody claims what no pool has made; what a run has claimed still has the pool's label."""
    labels = view.resource["metadata"].get("labels") or {}
    if view.spec.standby is None or view.made_to_wait or (view.leased and LABEL_POOL in labels):
        return ""
    if LABEL_POOL in labels and (owner_of(view.resource) or {}).get("kind") == FLOW_RUN:
        return ""  # what a deleted run has left by its owner's wish
    return "spec.standby is set, and only clusters of a ClusterPool wait for a run; leave it out."


def defaults(view: ClusterView) -> Plan | None:
    """Defaults of the namespace that cannot be understood: nothing is made without those that were meant."""
    if not view.given.fault:
        return None
    return report(view, "Pending", Reason.DEFAULTS_INVALID, view.given.fault)


def conflict(view: ClusterView) -> Plan | None:
    """A child's name is taken: by an earlier incarnation, which is waited for, or by a stranger."""
    for occupied in view.seen.occupied:
        what = f"{occupied.key.kind} {occupied.key.name}"
        if occupied.deleting or occupied.owner_name == view.resource["metadata"]["name"]:
            message = f"{what} of an earlier cluster of this name is still going away."
            waiting = report(view, view.status.phase or "Pending", Reason.WAITING_FOR_EARLIER, message)
            return waiting + Plan(requeue_at=view.now + AGAIN)
        message = f"{what} exists and is not ours; the cluster goes on when it is deleted."
        phase = "Degraded" if view.status.scheduler else "Pending"
        return report(view, phase, Reason.NAME_CONFLICT, message) + Plan(requeue_at=view.now + AGAIN)
    return None


def journal(view: ClusterView) -> Plan | None:
    """That the scheduler was made, once and for all, is written down before a runner may use it."""
    scheduler = view.scheduler
    if scheduler is None or view.status.scheduler is not None:
        return None
    record = SchedulerStatus(
        pod=scheduler.name,
        uid=scheduler.uid,
        secret=mounted_secret(scheduler.raw),
        scaled=view.watches_scheduler or None,
    )
    message = f"Starting scheduler and {counted(view.desired, 'worker')}."
    return report(view, "Starting", Reason.STARTING, message, scheduler=record)


def make(view: ClusterView) -> Plan | None:
    """Creates what is missing, removes what is too many."""
    if view.status.scheduler is None and not view.awaited:
        return None
    taken, base = _taken(view), _base(view)
    if base:
        return taken + Plan(creates=base, events=_made_again(view, base))
    if view.place is None:
        return None
    creates: tuple[Object, ...] = ()
    if view.status.scheduler is None and not view.confirmed:
        return None
    if view.status.scheduler is None:
        creates = (scheduler_pod(view.resource, view.spec, view.place, view.settings, leased=view.leased),)
    creates += _runner(view)
    plan = taken + Plan(creates=creates) + replenish(view) + shrink(view)
    if view.status.scheduler is not None and plan.creates:
        # Of the Secret nothing is known but that it was made: the new pods are not to wait for one in vain.
        plan += Plan(creates=(_secret(view),))
    return plan if plan.acts else None


def _runner(view: ClusterView) -> tuple[Object, ...]:
    """The one that waits, where it is missing. One that has ended takes its scheduler along."""
    standby = view.spec.standby
    if standby is None or view.place is None or not view.waits or view.runner or view.scheduler_going:
        return ()
    return (waiting_runner(view.resource, view.spec, standby, view.place, view.settings),)


def _taken(view: ClusterView) -> Plan:
    """What its platform gave is written down before anything is made from it."""
    applied = view.given.applied
    if applied is None or applied == view.status.defaults:
        return Plan()
    message = f"Accepted, with defaults of its {' and its '.join(applied.sources)}."
    return report(view, "Pending", Reason.ACCEPTED, message, defaults=applied)


def _base(view: ClusterView) -> tuple[Object, ...]:
    """Service, Secret and NetworkPolicy, where they are missing.

    The Secret is not read back, only made again in vain.
    """
    present = {item["kind"] for item in view.seen.children}
    missing: list[Object] = []
    if "Service" not in present:
        missing.append(_service(view))
    if view.status.scheduler is None and view.key("Secret", view.secret_name) not in view.seen.created:
        missing.append(_secret(view))
    policy = view.spec.security.network_policy
    if policy.enabled and "NetworkPolicy" not in present:
        missing.append(network_policy(view.resource, policy, view.base, view.settings))
    return tuple(missing)


def _service(view: ClusterView) -> Object:
    """Of a cluster that has begun it keeps the address, which its pods know, unless that cannot be had."""
    body = service(view.resource, view.base, tls=view.spec.security.tls.encrypted)
    address = urlsplit(view.status.address or "").hostname if view.status.scheduler else None
    refused = any(each.key.kind == "Service" for each in view.seen.refusals)
    return {**body, "spec": {**body["spec"], "clusterIP": address}} if address and not refused else body


def _secret(view: ClusterView) -> Object:
    return secret(view.resource, view.spec, view.base, view.secret_name, view.settings)


def _made_again(view: ClusterView, bodies: tuple[Object, ...]) -> tuple[Event, ...]:
    if view.status.scheduler is None:
        return ()
    names = " and ".join(f"{body['kind']} {body['metadata']['name']}" for body in bodies)
    return (Event("Warning", Reason.RESTORED.value, f"{names} was deleted while it was needed: made again."),)


def refusal(view: ClusterView) -> Refusal | None:
    """The API server's word on a child that it does not take; None where nobody wants it any more."""
    refusals = _refused(view)
    if not refusals or (refusals[0].retry and retry(view) is None):
        return None
    return refusals[0]


def retry(view: ClusterView) -> Plan | None:
    """The next try, once all that was refused is due for it and still wanted."""
    return make(view) if all(answer.retry for answer in _refused(view)) else None


def _refused(view: ClusterView) -> tuple[Refusal, ...]:
    """Those that matter: a quota that is full refuses the Secret that is made in vain, too."""
    begun = view.status.scheduler is not None
    return tuple(each for each in view.seen.refusals if not (begun and each.key.kind == "Secret"))
