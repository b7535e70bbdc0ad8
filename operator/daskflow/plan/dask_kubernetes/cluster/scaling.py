"""The number of workers of a DaskCluster of dask-kubernetes is copied to its own group when it changes.

Clients and autoscalers change the group, `kubectl scale` the cluster. Which of the two was changed last shows
by the number that was copied last, which is on the group, in the same write.
"""

from daskflow.manifests.dask_kubernetes.objects import ANNOTATION_REPLICAS
from daskflow.plan.dask_kubernetes.cluster.view import ClusterView
from daskflow.plan.dask_kubernetes.owner import own_key
from daskflow.plan.model import Patch, Plan


def copied(view: ClusterView) -> Plan:
    """Copies the cluster's number to its own group, if it is another than that which was copied last.

    A group without that annotation had its number from another operator, or from its user.
    """
    if view.group is None or "deletionTimestamp" in view.group["metadata"]:
        return Plan()
    meta, wanted = view.group["metadata"], str(view.spec.worker.count)
    last = (meta.get("annotations") or {}).get(ANNOTATION_REPLICAS)
    if last == wanted:
        return Plan()
    body = {"metadata": {"annotations": {ANNOTATION_REPLICAS: wanted}}}
    if last is not None:
        body["spec"] = {"worker": {"replicas": view.spec.worker.count}}  # type: ignore[dict-item]
    return Plan(patches=(Patch(own_key(view.group), meta["uid"], body),))
