"""The DaskCluster of `spec.clusterRef`, which a run uses and leaves as it is."""

from datetime import timedelta

from daskflow.api.conditions import instant
from daskflow.api.daskcluster import ClusterSpec
from daskflow.api.flowrun import FlowRunSpec
from daskflow.api.names import FLOW_RUN
from daskflow.api.reasons import Reason
from daskflow.plan.field_paths import in_other
from daskflow.plan.finding import Finding
from daskflow.plan.model import Object
from daskflow.plan.sight import Sight

USABLE = ("Ready", "Degraded")
"""Phases in which the scheduler is there; for workers the runner itself waits."""
SETTLING = timedelta(seconds=3)
"""How long a cluster that does not fit is looked at: the news of one that replaced it may be on their way."""


def obstacle(sight: Sight) -> Finding | None:
    """What keeps the run from using the cluster, if it uses one that is not its own."""
    if sight.spec.cluster_ref is None or sight.attempt is None:
        return None
    cluster, name = sight.reference, _name(sight)
    if message := bereft(sight):
        return Finding(Reason.CLUSTER_MISSING, message, certain=False)
    if cluster is None or "deletionTimestamp" in cluster["metadata"]:
        what = "does not exist in this namespace" if cluster is None else "is being deleted"
        message = f"{name} {what}; create it, or name another one."
        return Finding(Reason.CLUSTER_MISSING, message, certain=False)
    if unfit := _unfit(sight, cluster, name):
        settled_at = instant(sight.attempt.start_time) + SETTLING
        settled = sight.now >= settled_at
        certain = sight.runner is None and settled
        return Finding(Reason.CLUSTER_UNFIT, unfit, certain, None if settled else settled_at)
    status = sight.cluster_status
    if sight.reference_spec is None:
        message = f"{name} has a spec that cannot be understood; its own status says why."
        return Finding(Reason.CLUSTER_NOT_READY, message, certain=False)
    if status.phase not in USABLE or sight.place is None:
        words = in_other(status.message, sight.spec.cluster_ref.name)
        said = f": {words.rstrip('.')}" if words else ""
        message = f"{name} is {status.phase or 'Pending'}{said}; the flow begins when it is Ready."
        return Finding(Reason.CLUSTER_NOT_READY, message, certain=False)
    return None


def bereft(sight: Sight) -> str:
    """What to say where the very cluster that the open attempt's runner was made for is no more."""
    if sight.attempt is None or sight.attempt.cluster_uid is None or not sight.solo or sight.reference:
        return ""
    what = "was deleted" if sight.seen.reference is None else "was replaced by another of its name"
    return f"{_name(sight)} {what} before the flow had begun; the runner cannot use another one."


def _name(sight: Sight) -> str:
    named = sight.spec.cluster_ref
    return f'DaskCluster "{named.name if named else ""}" (spec.clusterRef)'


def _unfit(sight: Sight, cluster: Object, name: str) -> str:
    for owner in cluster["metadata"].get("ownerReferences") or ():
        if owner["kind"] == FLOW_RUN:
            return f"{name} belongs to FlowRun {owner['name']} and goes with it; name one that stays."
    theirs = sight.reference_spec
    if theirs and sight.spec.image and sight.spec.image != theirs.image:
        return (
            f'spec.image is "{sight.spec.image}", but {name} runs "{theirs.image}"; '
            "leave spec.image out, or name a cluster with that image."
        )
    return ""


def runner_spec(sight: Sight) -> FlowRunSpec:
    """The run's spec as its runner is made from it: image and workers are those of the cluster it uses."""
    theirs = sight.reference_spec
    if theirs is None or sight.spec.cluster_ref is None:
        return sight.spec
    # Not a DaskClusterSpec: what is written of `cluster` are the fields of a ClusterSpec.
    cluster = ClusterSpec(**{name: getattr(theirs, name) for name in ClusterSpec.model_fields})
    changes: dict[str, object] = {"cluster": cluster}
    if not sight.spec.image:
        changes["image"] = theirs.image
        for name in ("image_pull_policy", "image_pull_secrets"):
            if not getattr(sight.spec, name):
                changes[name] = getattr(theirs, name)
    return sight.spec.model_copy(update=changes)
