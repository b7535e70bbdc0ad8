"""What the builders need to know of the operator's own installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Policy = Literal["Namespace", "Cluster", "None"]
Tls = Literal["None", "Pods", "All"]
Role = Literal["scheduler", "worker", "job-runner"]
SERVICE_TYPES = ("ClusterIP", "NodePort", "LoadBalancer")


@dataclass(frozen=True)
class Injection:
    """What is injected into the pods of one cluster.

    `tls` Pods: connections among pods are encrypted, and the scheduler takes plain ones on its pod's
    loopback, where port-forwards end. All: every connection is encrypted, and unmodified clients cannot
    connect.
    """

    preload: bool = False
    """Workers hand their tasks and data over when they are told to go, whoever tells them."""
    tls: Tls = "None"

    @property
    def scheme(self) -> str:
        """Of the scheduler's address."""
        return "tcp" if self.tls == "None" else "tls"

    @property
    def mounts(self) -> bool:
        """Whether pods mount a Secret of ours."""
        return self.preload or self.tls != "None"

    def preloads(self, role: Role) -> tuple[str, ...]:
        """The sections of Dask's configuration that get one of ours, in a pod of this role."""
        if role == "scheduler":
            return ("scheduler",) if self.preload or self.tls == "Pods" else ()
        return ("worker", "nanny") if self.preload and role == "worker" else ()


@dataclass(frozen=True)
class DaskKubernetes:
    """How the kinds of dask-kubernetes are served."""

    rewrite_commands: bool = True
    """Whether `dask-scheduler` and `dask-worker`, which Dask no longer has, become `dask scheduler` and
    `dask worker`."""
    injection: Injection = field(default_factory=Injection)
    """What pods get beyond what their users ask for, where their annotations say nothing else."""
    service_types: tuple[str, ...] = SERVICE_TYPES
    """Types that the Service before a scheduler may have."""
    network_policy: Policy = "Namespace"
    """Who may connect to a cluster's pods: all pods of its Namespace (scheduler and dashboard), those of the
    Cluster alone, or whoever can where it is None."""


@dataclass(frozen=True)
class Prices:
    """What an hour of what pods request costs."""

    cpu_hour: Decimal
    """Of a core."""
    memory_gib_hour: Decimal
    """Of 2^30 bytes."""
    currency: str
    """As it is shown: EUR."""


@dataclass(frozen=True)
class Settings:
    """Set once at the operator's start (`controller.settings.load_settings`); but for `defaults` the same
    after a restart."""

    root_key: bytes = field(repr=False)
    """32 secret bytes of the operator's namespace, from which all clusters' keys are derived."""
    runtime: bytes = field(repr=False)
    """The zip that pods run (`runtime.pack`)."""
    operator_namespace: str = "daskflow-system"
    """Where the operator's own pods are."""
    operator_labels: Mapping[str, str] = field(default_factory=lambda: {"app.kubernetes.io/name": "daskflow"})
    """What they are known by, for network policies that let them in."""
    inherited_prefixes: tuple[str, ...] = ()
    """Labels and annotations of a FlowRun or DaskCluster that begin so are on its pods, too."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What specs leave open and the installation gives, as in a FlowRun's spec (`plan.default_fields`)."""
    dask_kubernetes: DaskKubernetes = DaskKubernetes()
    """How their kinds are served, where they are."""
    prices: Prices | None = None
    """By which reports tell what runs cost, if at all."""
    lease_seconds: int = 20
    """A runner that has not renewed its lease for so long is taken for dead by its scheduler."""
