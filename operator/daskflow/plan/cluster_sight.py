"""What the policies of a DaskCluster look at: the cluster and all it owns."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from daskflow.api.daskcluster import DaskClusterSpec, DaskClusterStatus
from daskflow.api.names import FLOW_RUN, SCHEDULER, WORKER
from daskflow.manifests.naming import base_name
from daskflow.manifests.pods import Place
from daskflow.manifests.settings import Settings
from daskflow.plan.model import Key, Object, Observed
from daskflow.plan.pods import Pod, pods_of


@dataclass(frozen=True)
class ClusterSight:
    """Everything a policy may know. Nothing in here changes while the policies are asked."""

    resource: Object
    spec: DaskClusterSpec
    status: DaskClusterStatus
    seen: Observed
    now: datetime
    settings: Settings

    @property
    def owned(self) -> bool:
        """Whether a FlowRun made it, whose lease then governs its life."""
        owners = self.resource["metadata"].get("ownerReferences") or ()
        return any(owner.get("controller") and owner["kind"] == FLOW_RUN for owner in owners)

    @cached_property
    def base(self) -> str:
        """The common beginning of the children's names; a run's cluster carries a hash of its own already."""
        metadata = self.resource["metadata"]
        return str(metadata["name"]) if self.owned else base_name(metadata["name"], metadata["uid"])

    @property
    def generation(self) -> int:
        """The generation of the spec."""
        return int(self.resource["metadata"].get("generation", 0))

    @property
    def spec_changed(self) -> bool:
        """Whether the status has yet to say that this spec was seen."""
        return self.status.observed_generation != self.generation

    @cached_property
    def scheduler(self) -> Pod | None:
        """The scheduler's pod."""
        return next(iter(pods_of(self.seen.children, SCHEDULER)), None)

    @cached_property
    def workers(self) -> tuple[Pod, ...]:
        """All worker pods that still exist, stopped ones too."""
        return pods_of(self.seen.children, WORKER)

    @property
    def desired(self) -> int:
        """How many workers there should be."""
        return self.spec.workers.replicas

    @property
    def ready(self) -> int:
        """How many workers have registered with the scheduler."""
        return sum(pod.started and not pod.deleting for pod in self.workers)

    @cached_property
    def place(self) -> Place | None:
        """The scheduler's address, once the Service has one."""
        service = next((item for item in self.seen.children if item["kind"] == "Service"), None)
        ip = ((service or {}).get("spec") or {}).get("clusterIP")
        return Place(self.base, ip, tls=self.spec.security.tls.mode == "Managed") if ip else None

    def key(self, kind: str, name: str) -> Key:
        """The key of an object in the cluster's namespace."""
        return Key(kind, self.resource["metadata"]["namespace"], name)
