"""The DaskCluster of `spec.clusterRef`, which a run uses and leaves as it is."""

from datetime import timedelta

from daskflow.api.conditions import instant
from daskflow.api.daskcluster import ClusterSpec, DaskClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import FLOW_RUN
from daskflow.api.reasons import Reason
from daskflow.plan.cause import Cause
from daskflow.plan.model import Object
from daskflow.plan.run.cluster_use import in_other
from daskflow.plan.run.view import RunView

USABLE = ("Ready", "Degraded")
"""Phases in which the scheduler is there; for workers the runner itself waits."""
SETTLING = timedelta(seconds=3)
"""How long a cluster that does not fit is looked at: the news of one that replaced it may be on their way."""


def obstacle(view: RunView) -> Cause | None:
    """What keeps the run from using the cluster, if it uses one that is not its own."""
    if view.spec.cluster_ref is None or view.attempt is None:
        return None
    cluster, name = view.reference, _name(view)
    if message := lost_cluster(view):
        return Cause(Reason.CLUSTER_MISSING, message, certain=False)
    if cluster is None or "deletionTimestamp" in cluster["metadata"]:
        what = "does not exist in this namespace" if cluster is None else "is being deleted"
        message = f"{name} {what}; create it, or name another one."
        return Cause(Reason.CLUSTER_MISSING, message, certain=False)
    if unfit := _unfit(view, cluster, name):
        settled_at = instant(view.attempt.start_time) + SETTLING
        settled = view.now >= settled_at
        certain = view.runner is None and settled
        return Cause(Reason.CLUSTER_UNFIT, unfit, certain, None if settled else settled_at)
    status = view.cluster_status
    if view.reference_spec is None:
        message = f"{name} has a spec that cannot be understood; its own status says why."
        return Cause(Reason.CLUSTER_NOT_READY, message, certain=False)
    if status.phase not in USABLE or view.place is None:
        words = in_other(status.message, view.spec.cluster_ref.name)
        said = f": {words.rstrip('.')}" if words else ""
        message = f"{name} is {status.phase or 'Pending'}{said}; the flow begins when it is Ready."
        return Cause(Reason.CLUSTER_NOT_READY, message, certain=False)
    return None


def lost_cluster(view: RunView) -> str:
    """What to say where the very cluster that the open attempt's runner was made for is no more."""
    if view.attempt is None or view.attempt.cluster_uid is None or not view.alone or view.reference:
        return ""
    what = "was deleted" if view.seen.reference is None else "was replaced by another of its name"
    return f"{_name(view)} {what} before the flow had begun; the runner cannot use another one."


def _name(view: RunView) -> str:
    named = view.spec.cluster_ref
    return f'DaskCluster "{named.name if named else ""}" (spec.clusterRef)'


def _unfit(view: RunView, cluster: Object, name: str) -> str:
    for owner in cluster["metadata"].get("ownerReferences") or ():
        if owner["kind"] == FLOW_RUN:
            return f"{name} belongs to FlowRun {owner['name']} and goes with it; name one that stays."
    theirs = view.reference_spec
    if theirs and view.spec.image and view.spec.image != theirs.image:
        return (
            f'spec.image is "{view.spec.image}", but {name} runs "{theirs.image}"; '
            "leave spec.image out, or name a cluster with that image."
        )
    return ""


def runner_spec(view: RunView) -> FlowRunSpec:
    """The run's spec as its runner is made from it: image and workers are those of the cluster it uses."""
    theirs = view.reference_spec
    if theirs is None or view.spec.cluster_ref is None:
        return view.spec
    # Not a DaskClusterSpec: what is written of `cluster` are the fields of a ClusterSpec.
    cluster = ClusterSpec(**{name: getattr(theirs, name) for name in ClusterSpec.model_fields})
    changes: dict[str, object] = {"cluster": cluster}
    if not view.spec.image:
        changes["image"] = theirs.image
        changes |= _pulled_like(view, theirs)
    return view.spec.model_copy(update=changes)


def _pulled_like(view: RunView, theirs: DaskClusterSpec) -> dict[str, object]:
    """How that cluster's image is pulled there: what the platform gave is no word of the run's user."""
    secrets = {each.name: each for each in (*theirs.image_pull_secrets, *view.spec.image_pull_secrets)}
    changes: dict[str, object] = {"image_pull_secrets": tuple(secrets.values())}
    given = view.given.applied.spec if view.given.applied else {}
    if not view.spec.image_pull_policy or (theirs.image_pull_policy and "imagePullPolicy" in given):
        changes["image_pull_policy"] = theirs.image_pull_policy
    return changes
