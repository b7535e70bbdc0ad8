"""The operator's own models, for programs that write a FlowRun in Python: editors complete them."""

from typing import Any, Literal

from pydantic import Field, ModelWrapValidatorHandler, model_validator
from typing_extensions import Self

from daskflow.api.conditions import Condition
from daskflow.api.daskcluster import ClusterSpec, Scheduler
from daskflow.api.defaults import AppliedDefaults
from daskflow.api.files import Files, FilesSource
from daskflow.api.flow import Flow
from daskflow.api.flowrun import Deadlines, FlowRunSpec, SchedulerTls
from daskflow.api.flowrun_report import (
    Cost,
    MemoryUse,
    PrefixUse,
    Report,
    ReportSpec,
    ThreadSeconds,
    WorkersUsed,
)
from daskflow.api.flowrun_status import (
    Attempt,
    ClusterUse,
    Failure,
    Failures,
    FlowRunStatus,
    Progress,
    RunnerStatus,
)
from daskflow.api.model import Model
from daskflow.api.pool_use import Claim, PoolUse
from daskflow.api.quiet_hours import QuietHours
from daskflow.api.resources import EnvFrom, EnvVar, LocalRef, Resources, SourceRef
from daskflow.api.retention import PodRetention, RecordRetention, Retention, RunnerRetention
from daskflow.api.retries import Backoff, Never, Retries
from daskflow.api.runner import Runner
from daskflow.api.shared import NetworkPolicy, NetworkPolicyPeer, Security, Tls
from daskflow.api.workers import Autoscale, Scratch, Total, WorkerGroup, Workers
from daskflow.client.checks import known

__all__ = [
    "AppliedDefaults",
    "Attempt",
    "Autoscale",
    "Backoff",
    "Claim",
    "ClusterSpec",
    "ClusterUse",
    "Condition",
    "Cost",
    "Deadlines",
    "EnvFrom",
    "EnvVar",
    "Failure",
    "Failures",
    "Files",
    "FilesSource",
    "Flow",
    "FlowRun",
    "FlowRunSpec",
    "FlowRunStatus",
    "LocalRef",
    "MemoryUse",
    "Metadata",
    "NetworkPolicy",
    "NetworkPolicyPeer",
    "Never",
    "PodRetention",
    "PoolUse",
    "PrefixUse",
    "Progress",
    "QuietHours",
    "RecordRetention",
    "Report",
    "ReportSpec",
    "Resources",
    "Retention",
    "Retries",
    "Runner",
    "RunnerRetention",
    "RunnerStatus",
    "Scheduler",
    "SchedulerTls",
    "Scratch",
    "Security",
    "SourceRef",
    "ThreadSeconds",
    "Tls",
    "Total",
    "WorkerGroup",
    "Workers",
    "WorkersUsed",
]


class Metadata(Model):
    """What any object has; of Kubernetes' own fields those that a user writes."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class FlowRun(Model):
    """A FlowRun as `submit` takes it; what is left out is the operator's to choose."""

    api_version: Literal["daskflow.dev/v1alpha1"] = "daskflow.dev/v1alpha1"
    kind: Literal["FlowRun"] = "FlowRun"
    metadata: Metadata = Field(default_factory=Metadata)
    spec: FlowRunSpec

    @model_validator(mode="wrap")
    @classmethod
    def _known(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Raises WrongUse for fields in an object that no model has: the operator's own drop them."""
        made = handler(given)
        known(given.get("spec") if isinstance(given, dict) else None, made.spec, "spec")
        return made

    def manifest(self) -> dict[str, Any]:
        """The object, with only what was written."""
        return {"apiVersion": self.api_version, "kind": self.kind, **self.written()}
