"""What dask-kubernetes' kinds consist of beside pods."""

from typing import Any

from daskflow.api.dask_kubernetes.cluster import DaskClusterSpec
from daskflow.api.dask_kubernetes.job import DaskJobSpec
from daskflow.api.dask_kubernetes.model import Metadata
from daskflow.api.dask_kubernetes.names import (
    API_VERSION,
    LABEL_CLUSTER,
    SCHEDULER,
    WORKER_GROUP,
    WORKER_GROUP_COMPONENT,
    default_group,
    scheduler_name,
)
from daskflow.api.names import DASK_CLUSTER, GROUP
from daskflow.manifests.dask_kubernetes.injection import handed_down
from daskflow.manifests.dask_kubernetes.metadata import child, labels_of
from daskflow.manifests.objects import Object

ANNOTATION_REPLICAS = f"{GROUP}/replicas-of-cluster"
"""On a cluster's own worker group: the cluster's number of workers that was last copied to it. Clients change
the group's number, `kubectl scale` the cluster's; a change of the latter is copied, and never back."""


def service(cluster: Object, spec: DaskClusterSpec) -> dict[str, Any]:
    """The Service before the scheduler; type, ports and selector are its user's."""
    name = cluster["metadata"]["name"]
    meta = child(cluster, scheduler_name(name), spec.scheduler.metadata, labels_of(name, SCHEDULER))
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": dict(spec.scheduler.service)}


def own_group(cluster: Object, spec: DaskClusterSpec) -> dict[str, Any]:
    """The worker group that a cluster makes for itself."""
    name = cluster["metadata"]["name"]
    labels = labels_of(name, WORKER_GROUP_COMPONENT)
    meta = child(cluster, default_group(name), spec.worker.metadata, labels)
    meta["annotations"][ANNOTATION_REPLICAS] = str(spec.worker.count)
    worker = {
        "replicas": spec.worker.count,
        "metadata": spec.worker.metadata.dump(),
        "spec": dict(spec.worker.spec),
    }
    body = {"cluster": name, "worker": worker}
    return {"apiVersion": API_VERSION, "kind": WORKER_GROUP, "metadata": meta, "spec": body}


def cluster_of(job: Object, spec: DaskJobSpec) -> dict[str, Any]:
    """The DaskCluster of a DaskJob, of the same name.

    As from the published operator it has no idle timeout: one that goes before its runner ends the job.
    """
    name = job["metadata"]["name"]
    given: Metadata = spec.cluster.metadata
    meta = child(job, name, given, {LABEL_CLUSTER: name})
    meta["annotations"] |= handed_down(job)
    return {
        "apiVersion": API_VERSION,
        "kind": DASK_CLUSTER,
        "metadata": meta,
        "spec": {name: each for name, each in spec.cluster.spec.dump().items() if name != "idleTimeout"},
    }
