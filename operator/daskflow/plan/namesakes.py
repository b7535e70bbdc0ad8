"""What an earlier object of a resource's kind and name has left behind, and Kubernetes forgot.

Its garbage collector hears of objects by name. Of one that was deleted and made again while its watch was cut
it hears as of an update, and never of the earlier uid's end: what that owned stays until the collector is
started anew (GraphBuilder.processGraphChanges in Kubernetes' pkg/controller/garbagecollector).
"""

from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.api.names import kind_of
from daskflow.plan.model import Delete, Key, Object, Observed, Plan

PATIENCE = timedelta(seconds=30)
"""How long Kubernetes has for its own work, from when the name was given again; it takes a second or two."""


def left_behind(resource: Object, seen: Observed, now: datetime) -> Plan:
    """Removes it. Called with every resource, whatever its own plan is."""
    there = [each for each in seen.orphans if "deletionTimestamp" not in each["metadata"]]
    if not there:
        return Plan()
    at = instant(resource["metadata"]["creationTimestamp"]) + PATIENCE
    if now < at:
        return Plan(requeue_at=at)
    return Plan(deletes=tuple(_delete(each) for each in there))


def _delete(orphan: Object) -> Delete:
    """If it still is what it was: who lets an object's children live takes their owner from them."""
    meta = orphan["metadata"]
    key = Key(kind_of(orphan), meta["namespace"], meta["name"])
    return Delete(key, meta["uid"], revision=meta["resourceVersion"])
