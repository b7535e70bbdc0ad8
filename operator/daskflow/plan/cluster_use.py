"""What an attempt computes on: as status has it, and in words."""

from daskflow.api.flowrun_status import ClusterUse
from daskflow.api.words import counted
from daskflow.manifests.naming import cluster_name
from daskflow.plan.sight import Sight


def use(sight: Sight, attempt: int) -> ClusterUse | None:
    """The cluster of this attempt, open or about to be opened; None for a flow that runs alone."""
    if sight.solo:
        return _of_others(sight)
    ready = sum(pod.started and not pod.deleting for pod in sight.workers)
    desired = _desired(sight)
    return ClusterUse(
        name=sight.attempt.cluster if sight.attempt else cluster_name(sight.name, sight.uid, attempt),
        address=sight.place.address if sight.place else None,
        dashboard=sight.cluster_status.dashboard,
        workers_ready=ready,
        workers_desired=desired,
        workers=f"{ready}/{desired}",
    )


def _of_others(sight: Sight) -> ClusterUse | None:
    """Name and address; how many workers there are is that cluster's to say, not each of its users'."""
    if sight.spec.cluster_ref is None:
        address = sight.spec.scheduler_address
        return ClusterUse(address=address) if address else None
    name, known = sight.spec.cluster_ref.name, sight.status.cluster
    before = known.address if known and known.name == name else None
    return ClusterUse(name=name, address=sight.cluster_status.address or before)


def starting(sight: Sight, attempt: int) -> str:
    """The sentence on an attempt that starts."""
    if sight.solo:
        return f"Attempt {attempt}: starting the runner."
    return f"Attempt {attempt}: starting scheduler, {counted(_desired(sight), 'worker')} and runner."


def _desired(sight: Sight) -> int:
    """As many workers as the spec asks for; where that follows the demand, as the cluster has heard of."""
    cluster = sight.spec.cluster
    if cluster.autoscales and sight.cluster_status.scheduler is not None:
        return sight.cluster_status.workers.desired
    return sum(group.least for group in cluster.groups.values())


def where(cluster: ClusterUse | None) -> str:
    """The end of a sentence on a flow that runs."""
    if cluster is None:
        return "alone in its pod"
    if not cluster.workers:
        return f"on DaskCluster {cluster.name}" if cluster.name else f"on {cluster.address}"
    return f"on {cluster.workers_ready} of {counted(cluster.workers_desired, 'worker')}"
