"""What an attempt computes on: as status has it, and in words."""

import re

from daskflow.api.daskcluster import ClusterSpec
from daskflow.api.flowrun_status import ClusterUse
from daskflow.api.pool_use import CLAIMED, Claim
from daskflow.api.wording import counted
from daskflow.manifests.naming import cluster_name
from daskflow.plan.run.view import RunView

_OWN = "|".join(field.alias or name for name, field in ClusterSpec.model_fields.items())
_CLUSTERS = re.compile(rf"(?<![.\w])spec\.({_OWN})\b")
_ANY = re.compile(r"(?<![.\w])spec\.")


def use(view: RunView, attempt: int) -> ClusterUse | None:
    """The cluster of this attempt, open or about to be opened; None for a flow that runs alone."""
    if view.alone:
        return _of_others(view)
    ready = sum(pod.started and not pod.deleting for pod in view.workers)
    desired = _desired(view)
    return ClusterUse(
        name=view.attempt.cluster if view.attempt else cluster_name(view.name, view.uid, attempt),
        address=view.place.address if view.place else None,
        dashboard=view.cluster_status.dashboard,
        workers_ready=ready,
        workers_desired=desired,
        workers=f"{ready}/{desired}",
    )


def _of_others(view: RunView) -> ClusterUse | None:
    """Name and address; how many workers there are is that cluster's to say, not each of its users'."""
    if view.spec.cluster_ref is None:
        address = view.spec.scheduler_address
        return ClusterUse(address=address) if address else None
    name, known = view.spec.cluster_ref.name, view.status.cluster
    before = known.address if known and known.name == name else None
    return ClusterUse(name=name, address=view.cluster_status.address or before)


def starting(view: RunView, attempt: int, claim: Claim | None = None) -> str:
    """The sentence on an attempt that starts, with what it has claimed."""
    if claim is not None and claim.reason == CLAIMED:
        return f"Attempt {attempt}: {claim.message}"
    if view.alone:
        return f"Attempt {attempt}: starting the runner."
    return f"Attempt {attempt}: starting scheduler, {counted(_desired(view), 'worker')} and runner."


def _desired(view: RunView) -> int:
    """As many workers as the spec asks for; where that follows the demand, as the cluster has heard of."""
    cluster = view.spec.cluster
    if cluster.autoscales and view.cluster_status.scheduler is not None:
        return view.cluster_status.workers.desired
    return sum(group.least for group in cluster.groups.values())


def where(cluster: ClusterUse | None) -> str:
    """The end of a sentence on a flow that runs."""
    if cluster is None:
        return "alone in its pod"
    if not cluster.workers:
        return f"on DaskCluster {cluster.name}" if cluster.name else f"on {cluster.address}"
    return f"on {cluster.workers_ready} of {counted(cluster.workers_desired, 'worker')}"


def in_run(words: str) -> str:
    """What is said of a DaskCluster that a run makes, its fields named as in the run's `spec.cluster`."""
    return _CLUSTERS.sub(r"spec.cluster.\1", words)


def in_other(words: str, name: str) -> str:
    """What is said of a DaskCluster that a run uses, which has a spec of its own."""
    return _ANY.sub(lambda _: f"DaskCluster {name}'s spec.", words)
