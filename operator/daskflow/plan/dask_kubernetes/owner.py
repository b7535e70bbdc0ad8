"""Who is of which cluster: worker groups and autoscalers go with the DaskCluster that they name."""

from collections.abc import Mapping
from typing import Any

from daskflow.api.names import DASK_CLUSTER, kind_of
from daskflow.manifests.objects import owner_reference
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Key, Object, Observed, Patch, Plan


def own_key(resource: Object) -> Key:
    """The key of a resource itself."""
    meta = resource["metadata"]
    return Key(kind_of(resource), meta["namespace"], meta["name"])


def alone(mine: Plan, seen: Observed) -> bool:
    """Whether a plan's patches of the resource itself are to come before anything else.

    They are fenced by its version, which a status changes. One that is refused holds up nothing.
    """
    refused = {each.key for each in seen.refused_writes}
    return any(patch.key not in refused for patch in mine.patches)


def adopted(resource: Object, cluster: Object | None) -> Plan:
    """Makes the cluster the owner of what names it; labels stay its user's own."""
    if cluster is None or deleting(cluster) or deleting(resource):
        return Plan()
    meta, owner = resource["metadata"], owner_reference(cluster)
    owners: list[Mapping[str, Any]] = list(meta.get("ownerReferences") or ())
    if any(each["uid"] == owner["uid"] for each in owners):
        return Plan()
    if any(each.get("controller") for each in owners):
        owner["controller"] = False
    changes = {"ownerReferences": [*owners, owner], "resourceVersion": meta["resourceVersion"]}
    return Plan(patches=(Patch(own_key(resource), meta["uid"], {"metadata": changes}),))


def collected(resource: Object, cluster: str) -> bool:
    """Whether it was of the cluster of this name that is gone: Kubernetes is about to delete it as well."""
    owners = resource["metadata"].get("ownerReferences") or ()
    return any((each.get("kind"), each.get("name")) == (DASK_CLUSTER, cluster) for each in owners)
