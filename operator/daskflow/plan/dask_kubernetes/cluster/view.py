"""A DaskCluster of dask-kubernetes and what is there of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from daskflow.api.dask_kubernetes.cluster import DaskClusterSpec, DaskClusterStatus
from daskflow.api.dask_kubernetes.names import WORKER_GROUP, default_group, scheduler_name
from daskflow.manifests.settings import Settings
from daskflow.plan.dask_kubernetes.pod import TheirPod, pods_of
from daskflow.plan.model import Object, Observed


@dataclass(frozen=True)
class ClusterView:
    """Everything that its plan is made from."""

    resource: Object
    spec: DaskClusterSpec
    status: DaskClusterStatus
    seen: Observed
    now: datetime
    settings: Settings

    @property
    def name(self) -> str:
        """The cluster's name."""
        return str(self.resource["metadata"]["name"])

    @cached_property
    def service(self) -> Object | None:
        """The Service before the scheduler."""
        return next((each for each in self.seen.children if each["kind"] == "Service"), None)

    @cached_property
    def scheduler(self) -> TheirPod | None:
        """The scheduler's pod, maybe on its way out: two have never one name."""
        name = scheduler_name(self.name)
        return next((pod for pod in pods_of(self.seen.children) if pod.name == name), None)

    @cached_property
    def group(self) -> Object | None:
        """Its own worker group."""
        name = default_group(self.name)
        found = (*self.seen.children, *self.seen.neighbours)
        groups = (each for each in found if each["kind"] == WORKER_GROUP)
        return next((each for each in groups if each["metadata"]["name"] == name), None)
