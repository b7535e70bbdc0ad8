"""Objects that come over from dask-kubernetes' own operator: what it has left on them goes.

Its finalizer would keep a deleted object for ever once that operator is gone. The Deployments that it made of
schedulers and workers stay as what they are (`pod.LeftBehind`), so that nobody's work is lost by the move.
"""

from daskflow.api.dask_kubernetes.names import KOPF_FINALIZER, KOPF_PREFIX
from daskflow.plan.dask_kubernetes.owner import own_key
from daskflow.plan.model import Object, Patch, Plan


def unmarked(resource: Object) -> Plan:
    """Takes kopf's finalizer and annotations off."""
    meta = resource["metadata"]
    changes: dict[str, object] = {}
    finalizers = meta.get("finalizers") or []
    if KOPF_FINALIZER in finalizers:
        changes["finalizers"] = [each for each in finalizers if each != KOPF_FINALIZER]
    notes = [name for name in meta.get("annotations") or {} if name.startswith(KOPF_PREFIX)]
    if notes:
        changes["annotations"] = dict.fromkeys(notes)
    if not changes:
        return Plan()
    # A list is replaced whole: not over somebody's finalizer that has come in between.
    fenced = {**changes, "resourceVersion": meta["resourceVersion"]}
    return Plan(patches=(Patch(own_key(resource), meta["uid"], {"metadata": fenced}),))
