"""What somebody else took from an attempt: its cluster, the cluster that it used, or its runner's pod.

The runner only sees what follows, a signal or a scheduler that does not answer.
"""

from daskflow.api.reasons import Reason
from daskflow.plan.deletion import deleting
from daskflow.plan.reference import USABLE
from daskflow.plan.sight import Sight


def taken(sight: Sight) -> tuple[Reason, str] | None:
    """Reason and sentence for an attempt that nobody here wanted to end; None if nothing was taken."""
    attempt = sight.attempt
    if attempt is None:
        return None
    return _used(sight) if sight.solo else _own(sight)


def _own(sight: Sight) -> tuple[Reason, str] | None:
    attempt = sight.attempt
    assert attempt is not None
    written = attempt.reason == Reason.CLUSTER_DELETED or bool(attempt.cluster_uid)
    gone = deleting(sight.cluster) if sight.cluster is not None else written
    return (Reason.CLUSTER_DELETED, deleted(sight)) if gone else None


def deleted(sight: Sight) -> str:
    """The sentence on the attempt's own cluster that is gone."""
    return f"DaskCluster {sight.base} was deleted while the run needed it."


def _used(sight: Sight) -> tuple[Reason, str] | None:
    """What became of the DaskCluster of `clusterRef` that the runner was made for."""
    attempt, named = sight.attempt, sight.spec.cluster_ref
    if attempt is None or attempt.cluster_uid is None or named is None:
        return None
    cluster, status = sight.reference, sight.cluster_status
    while_used = "while the run used it"
    if cluster is None or deleting(cluster):
        # One of the same name that is there by then is another one.
        message = f'DaskCluster "{named.name}" (spec.clusterRef) was deleted {while_used}.'
        return Reason.CLUSTER_MISSING, message
    suspended = sight.reference_spec is not None and sight.reference_spec.suspend
    if suspended or status.phase in ("Stopping", "Suspended"):
        message = f'DaskCluster "{named.name}" (spec.clusterRef) was suspended {while_used}.'
        return Reason.CLUSTER_NOT_READY, message
    if status.phase in USABLE:
        return None
    said = f": {status.message.rstrip('.')}" if status.message else ""
    message = f'DaskCluster "{named.name}" (spec.clusterRef) became {status.phase} {while_used}{said}.'
    return Reason.CLUSTER_NOT_READY, message


def runner_taken(sight: Sight) -> tuple[Reason, str] | None:
    """For a runner's pod that was deleted, and not by the operator, which asks pods to end before."""
    attempt, runner = sight.attempt, sight.runner
    if attempt is None or (runner is not None and (not runner.deleting or runner.ended_by_us)):
        return None
    return Reason.RUNNER_LOST, (
        f"The runner's pod {sight.runner_name} was deleted before the flow had an outcome, "
        "and not by the operator; a flow ends with its runner's pod."
    )
