"""Scaling: a live run's changed number of workers goes on to its DaskCluster."""

from daskflow.api.daskcluster import spec_of as cluster_spec_of
from daskflow.api.names import DASK_CLUSTER
from daskflow.plan.model import Patch, Plan
from daskflow.plan.sight import Sight


def scaling(sight: Sight) -> Plan | None:
    """Speaks when the open attempt's cluster asks for another number of workers than the run."""
    cluster = sight.cluster
    if cluster is None or "deletionTimestamp" in cluster["metadata"]:
        return None
    wanted = sight.spec.cluster.workers.replicas
    if cluster_spec_of(cluster).workers.replicas == wanted:
        return None
    key = sight.key(DASK_CLUSTER, cluster["metadata"]["name"])
    body = {"spec": {"workers": {"replicas": wanted}}}
    return Plan(patches=(Patch(key, cluster["metadata"]["uid"], body),))
