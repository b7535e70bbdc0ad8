"""Interruption: somebody else deleted what an attempt runs on, or suspended it.

That is its cluster, the cluster that it uses, or its runner's pod.

The runner only sees what follows, a signal or a scheduler that does not answer.
"""

from daskflow.api.reasons import Reason
from daskflow.plan.deletion import deleting
from daskflow.plan.run.cluster_ref import USABLE
from daskflow.plan.run.view import RunView


def interruption(view: RunView) -> tuple[Reason, str] | None:
    """Reason and sentence for an attempt that nobody here wanted to end; None if all is there."""
    attempt = view.attempt
    if attempt is None:
        return None
    return _used(view) if view.alone else _own(view)


def _own(view: RunView) -> tuple[Reason, str] | None:
    attempt = view.attempt
    assert attempt is not None
    written = attempt.reason == Reason.CLUSTER_DELETED or bool(attempt.cluster_uid)
    gone = deleting(view.cluster) if view.cluster is not None else written
    return (Reason.CLUSTER_DELETED, cluster_deleted(view)) if gone else None


def cluster_deleted(view: RunView) -> str:
    """The sentence on the attempt's own cluster that is gone."""
    return f"DaskCluster {view.base} was deleted while the run needed it."


def _used(view: RunView) -> tuple[Reason, str] | None:
    """What became of the DaskCluster of `clusterRef` that the runner was made for."""
    attempt, named = view.attempt, view.spec.cluster_ref
    if attempt is None or attempt.cluster_uid is None or named is None:
        return None
    cluster, status = view.reference, view.cluster_status
    while_used = "while the run used it"
    if cluster is None or deleting(cluster):
        # One of the same name that is there by then is another one.
        message = f'DaskCluster "{named.name}" (spec.clusterRef) was deleted {while_used}.'
        return Reason.CLUSTER_MISSING, message
    suspended = view.reference_spec is not None and view.reference_spec.suspend
    if suspended or status.phase in ("Stopping", "Suspended"):
        message = f'DaskCluster "{named.name}" (spec.clusterRef) was suspended {while_used}.'
        return Reason.CLUSTER_NOT_READY, message
    if status.phase in USABLE:
        return None
    said = f": {status.message.rstrip('.')}" if status.message else ""
    message = f'DaskCluster "{named.name}" (spec.clusterRef) became {status.phase} {while_used}{said}.'
    return Reason.CLUSTER_NOT_READY, message


def runner_deleted(view: RunView) -> tuple[Reason, str] | None:
    """For a runner's pod that was deleted, and not by the operator, which asks pods to end before."""
    attempt, runner = view.attempt, view.runner
    if attempt is None or (runner is not None and (not runner.deleting or runner.ended_by_us)):
        return None
    return Reason.RUNNER_LOST, (
        f"The runner's pod {view.runner_name} was deleted before the flow had an outcome, "
        "and not by the operator; a flow ends with its runner's pod."
    )
