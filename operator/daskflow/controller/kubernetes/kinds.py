"""Where the API server keeps each kind that the operator touches, and how the operator knows it."""

from dataclasses import dataclass
from typing import Literal

from daskflow.api.dask_kubernetes import names as dask_kubernetes
from daskflow.api.defaults import CONFIG_MAP
from daskflow.api.names import (
    CLUSTER_POOL,
    DASK_CLUSTER,
    FLOW_RUN,
    FLOW_SCHEDULE,
    GROUP,
    LABEL_MANAGED_BY,
    MANAGED_BY,
    VERSION,
    word_of,
)

Seen = Literal["custom", "child", "left", "named", "never"]


@dataclass(frozen=True)
class Kind:
    """One kind. `seen` says where the store has it from.

    "custom": users write it, kopf watches it, the queue reconciles it. "child": our own, watched by its
    label. "left": what dask-kubernetes' own operator has made, watched where its kinds are served. "named":
    others' own, of which one name in a namespace means us. "never": created only; what is
    known of it is that a create was answered (Secrets may not be read, and Events are not worth a watch).
    """

    name: str
    """By which the operator knows it; `word` is the API server's."""
    group: str
    version: str
    plural: str
    seen: Seen
    only: str = ""
    """The one name of which lists and watches tell: rights can be given for no more than that."""

    @property
    def word(self) -> str:
        """The kind as it is written in objects."""
        return word_of(self.name)

    def path(self, namespace: str | None, name: str | None = None) -> str:
        """The URL path of one object, of all in a namespace, or (namespace None) of all in the cluster."""
        prefix = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        within = f"/namespaces/{namespace}" if namespace else ""
        return f"{prefix}{within}/{self.plural}" + (f"/{name}" if name else "")


CONFIG_MAPS = "ConfigMap"
_THEIRS = (dask_kubernetes.GROUP, dask_kubernetes.VERSION)
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(FLOW_RUN, GROUP, VERSION, "flowruns", "custom"),
        Kind(DASK_CLUSTER, GROUP, VERSION, "daskclusters", "custom"),
        Kind(FLOW_SCHEDULE, GROUP, VERSION, "flowschedules", "custom"),
        Kind(CLUSTER_POOL, GROUP, VERSION, "clusterpools", "custom"),
        Kind(dask_kubernetes.CLUSTER, *_THEIRS, "daskclusters", "custom"),
        Kind(dask_kubernetes.WORKER_GROUP, *_THEIRS, "daskworkergroups", "custom"),
        Kind(dask_kubernetes.JOB, *_THEIRS, "daskjobs", "custom"),
        Kind(dask_kubernetes.AUTOSCALER, *_THEIRS, "daskautoscalers", "custom"),
        Kind("Pod", "", "v1", "pods", "child"),
        Kind("Service", "", "v1", "services", "child"),
        Kind("Secret", "", "v1", "secrets", "never"),
        Kind("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", "child"),
        Kind(CONFIG_MAPS, "", "v1", "configmaps", "named", CONFIG_MAP),
        Kind("Event", "", "v1", "events", "never"),
        Kind("Lease", "coordination.k8s.io", "v1", "leases", "never"),
        Kind("Deployment", "apps", "v1", "deployments", "left"),
        Kind("KopfPeering", "kopf.dev", "v1", "kopfpeerings", "never"),
        Kind("ClusterKopfPeering", "kopf.dev", "v1", "clusterkopfpeerings", "never"),
        Kind("CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions", "never"),
    )
}

CUSTOM: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.group == GROUP)
DASK_KUBERNETES: tuple[str, ...] = tuple(
    kind.name for kind in KINDS.values() if kind.group == dask_kubernetes.GROUP
)
"""Custom ones, too, where the installation serves them."""
CHILDREN: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.seen == "child")
LEFT: tuple[str, ...] = tuple(kind.name for kind in KINDS.values() if kind.seen == "left")
OURS = f"{LABEL_MANAGED_BY}={MANAGED_BY}"
"""The label selector that the watches of children use."""
SELECTORS: dict[str, str] = dict.fromkeys(CHILDREN, OURS) | dict.fromkeys(LEFT, dask_kubernetes.LABEL_CLUSTER)
"""By kind: what of it is watched, where that is not all."""
