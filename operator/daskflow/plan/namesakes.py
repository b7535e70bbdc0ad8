"""What an earlier object of a resource's kind and name has left behind, and Kubernetes forgot.

Its garbage collector hears of objects by name. Of one that was deleted and made again while its watch was cut
it hears as of an update, and never of the earlier uid's end: what that owned stays until the collector is
started anew (GraphBuilder.processGraphChanges in Kubernetes' pkg/controller/garbagecollector).
"""

from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, kind_of
from daskflow.plan.model import Delete, Key, Object, Observed, Plan

PATIENCE = timedelta(seconds=30)
"""How long Kubernetes has for its own work, from when the name was given again; it takes a second or two."""
_KINDS = ("Pod", DASK_CLUSTER, FLOW_RUN)
"""What computes. Others cost nothing, and the operator has no right to delete them."""


def left_behind(resource: Object, seen: Observed, now: datetime) -> Plan:
    """Removes it. Called with every resource whose own plan has nothing to do."""
    if not seen.orphans:
        return Plan()
    refused = {each.key for each in seen.refused_writes if each.verb == "delete" and not each.retry}
    there = [each for each in map(_delete, seen.orphans) if each.key.kind in _KINDS]
    wanted = tuple(each for each in there if each.key not in refused)
    at = instant(resource["metadata"]["creationTimestamp"]) + PATIENCE
    if wanted and now < at:
        return Plan(requeue_at=at)
    return Plan(deletes=wanted)


def _delete(orphan: Object) -> Delete:
    """If it still is what it was: who lets an object's children live takes their owner from them."""
    meta = orphan["metadata"]
    key = Key(kind_of(orphan), meta["namespace"], meta["name"])
    return Delete(key, meta["uid"], revision=meta["resourceVersion"], unless_changed=True)
