"""What the builders need to know of the operator's own installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DaskKubernetes:
    """How the kinds of dask-kubernetes are served."""

    rewrite_commands: bool = True
    """Whether `dask-scheduler` and `dask-worker`, which Dask no longer has, become `dask scheduler` and
    `dask worker`."""


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
    lease_seconds: int = 20
    """A runner that has not renewed its lease for so long is taken for dead by its scheduler."""
