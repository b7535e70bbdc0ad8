"""The end of a DaskJob: its cluster goes, then the status says what became of it; the runner's pod stays."""

from dataclasses import replace
from datetime import timedelta
from math import inf

from pydantic import ValidationError

from daskflow.api.conditions import instant
from daskflow.api.dask_kubernetes.job import spec_of
from daskflow.api.dask_kubernetes.names import JobStatus
from daskflow.api.names import kind_of
from daskflow.api.reasons import Reason
from daskflow.plan.dask_kubernetes.job.runner import Runner
from daskflow.plan.dask_kubernetes.job.status import noted, nothing_told, status, told
from daskflow.plan.dask_kubernetes.job.view import JobView
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Delete, Event, Key, Patch, Plan
from daskflow.plan.pod.nodes import late, next_late, sentence
from daskflow.plan.pod.termination import end

WITHOUT_CLUSTER = timedelta(seconds=60)
"""How long a runner may go on whose cluster somebody has deleted: its last act may have been to close it."""

_OUTLIVED = (
    "The DaskCluster {name} was deleted while the runner ran, which has not ended in the "
    f"{WITHOUT_CLUSTER.seconds} s after that and was ended."
)


def settled(view: JobView) -> Plan | None:
    """Speaks of a job that has ended: what is left of its cluster goes, and what may still start or run."""
    if not view.over:
        return None
    return _without_cluster(view) + (Plan() if view.runner is None else end(view.runner, view.now))


def outcome(view: JobView) -> Plan | None:
    """Speaks when the runner has ended, or can no longer tell how."""
    if not view.begun:
        return None
    runner = view.runner or view.last_runner
    if runner is None:
        return failed(view, *_lost(view))
    if runner.phase == "Succeeded":
        return _succeeded(view, runner)
    if runner.phase == "Failed":
        if _ended_without_cluster(view, runner):
            return failed(view, Reason.CLUSTER_DELETED, _OUTLIVED.format(name=view.name), runner)
        reason = Reason.EVICTED if runner.disrupted else Reason.FLOW_FAILED
        return failed(view, reason, f"The runner has failed. {runner.end}", runner)
    if late((runner,), view.now):
        return failed(view, Reason.NODE_UNREACHABLE, sentence(runner), runner)
    return None


def _ended_without_cluster(view: JobView, runner: Runner) -> bool:
    """Whether it was ended by a deadline that is not its user's: ours, of `cluster_gone`."""
    try:
        theirs = spec_of(view.resource).job.spec.get("activeDeadlineSeconds")
    except ValidationError:
        return False
    ours = runner.raw["spec"].get("activeDeadlineSeconds") != theirs
    return ours and view.cluster is None and runner.status.get("reason") == "DeadlineExceeded"


def _lost(view: JobView) -> tuple[Reason, str]:
    """Reason and sentence of a job whose runner is gone without a word."""
    if view.message.endswith(_unstarted(view)):
        return Reason.CLUSTER_DELETED, _unstarted(view)
    message = "The runner's pod is gone, and nothing tells how its program ended. Make the job anew."
    return Reason.RUNNER_LOST, message


def _unstarted(view: JobView) -> str:
    return f"The DaskCluster {view.name} was deleted before the runner had started."


def deletion(view: JobView) -> Plan | None:
    """Speaks of a job that was deleted and that somebody's finalizer keeps: it ends."""
    if not deleting(view.resource):
        return None
    return failed(view, Reason.DELETED, "The DaskJob was deleted; its cluster and runner are ended.")


def cluster_gone(view: JobView) -> Plan | None:
    """Speaks when the cluster was deleted before the runner has ended.

    The runner has a minute to end by itself. It is the kubelet that ends it then, by a deadline of the pod,
    so that it is kept with its log, and no operator need be there.
    """
    runner = view.runner
    if runner is None or (view.cluster is not None and not deleting(view.cluster)):
        return None
    if "startTime" not in runner.status:
        # Only if that is still so: whoever has started it meanwhile lets it have its minute.
        revision = str(runner.raw["metadata"].get("resourceVersion", ""))
        gone = Plan(deletes=(replace(runner.deletion(), revision=revision),))
        return told(view, Reason.CLUSTER_DELETED, _unstarted(view)) + gone
    seconds = max(1, int((view.now - instant(runner.status["startTime"]) + WITHOUT_CLUSTER).total_seconds()))
    if (runner.raw["spec"].get("activeDeadlineSeconds") or inf) <= seconds:
        return None
    message = (
        f"The DaskCluster {view.name} was deleted while the runner runs; a runner that has not ended in "
        f"{WITHOUT_CLUSTER.seconds} s is ended, and the job has failed."
    )
    event = Event("Warning", Reason.CLUSTER_DELETED.value, message)
    body = {"spec": {"activeDeadlineSeconds": seconds}}
    return Plan(patches=(Patch(runner.key, runner.uid, body, event=event),))


def failed(view: JobView, reason: Reason, message: str, runner: Runner | None = None) -> Plan:
    """The job has failed, for this reason: its cluster is told to go, and then the status tells of it."""
    first = _without_cluster(view)
    return first if first.deletes else failed_at_once(view, reason, message, runner)


def failed_at_once(view: JobView, reason: Reason, message: str, runner: Runner | None = None) -> Plan:
    """The same where the reason would be gone with the cluster."""
    event = Event("Warning", reason.value, f"Job failed, deleting Dask cluster. {message}")
    return _final(view, "Failed", runner).but(events=(event,)) + noted(view, reason, message)


def _succeeded(view: JobView, runner: Runner) -> Plan:
    first = _without_cluster(view)
    if first.deletes:
        return first
    event = Event("Normal", Reason.SUCCEEDED.value, "Job succeeded, deleting Dask cluster.")
    return _final(view, "Successful", runner).but(events=(event,)) + nothing_told(view)


def _final(view: JobView, word: JobStatus, runner: Runner | None) -> Plan:
    began, end_at = (runner.began_at, runner.ended_at) if runner else (None, None)
    return status(view, word, began, end_at or view.now)


def _without_cluster(view: JobView) -> Plan:
    """The cluster is told to go, unless that was refused, which has been told of: a job ends all the same."""
    cluster = view.cluster
    if cluster is None or deleting(cluster):
        return Plan()
    meta = cluster["metadata"]
    key = Key(kind_of(cluster), meta["namespace"], meta["name"])
    if any(each.verb == "delete" and each.key == key for each in view.seen.refused_writes):
        return Plan()
    return Plan(deletes=(Delete(key, meta["uid"]),))


def strays(view: JobView) -> Plan:
    """Whatever else: pods that are not the runner go, and a look is due when the runner is late to go."""
    deletes = tuple(pod.deletion() for pod in view.strays if not pod.deleting)
    return Plan(deletes=deletes, requeue_at=next_late((view.runner,), view.now))
