"""What has become of a FlowRun: its status, which is also the operator's journal."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from daskflow.api.conditions import Condition
from daskflow.api.defaults import AppliedDefaults
from daskflow.api.flowrun_report import Bytes, Report, Share
from daskflow.api.legible import read
from daskflow.api.model import Json, Model
from daskflow.api.pool_use import CLAIMED, Claim
from daskflow.api.retries import Budget

Phase = Literal["Pending", "Starting", "Running", "Retrying", "Suspended", "Succeeded", "Failed", "Cancelled"]
TERMINAL_PHASES = frozenset({"Succeeded", "Failed", "Cancelled"})

MAX_ATTEMPTS_KEPT = 10


class Failures(Model):
    """The budgets of `retries`, as used up so far."""

    flow: int = Field(default=0, description="Failures of the flow itself.")
    infrastructure: int = Field(
        default=0, description="Faults of the infrastructure after the flow's first line."
    )
    start: int = Field(default=0, description="Faults before the flow's first line.")


class RunnerStatus(Model):
    """The one pod that may run the flow of an attempt which has no cluster of its own."""

    pod: str = Field(description="Its name.")
    uid: str | None = Field(default=None, description="Its uid, written down before the pod may start.")


class Attempt(Model):
    """One attempt. It is open, and the only one that may own anything live, until it has an endTime."""

    number: int = Field(description="From 1.")
    cluster: str = Field(default="", description="The name of its DaskCluster, if it has one.")
    cluster_uid: str | None = Field(
        default=None, description="The uid of that DaskCluster, written down before a runner may use it."
    )
    runner: RunnerStatus | None = Field(
        default=None, description="The runner's pod, where no scheduler of the run's own guards the attempt."
    )
    claim: Claim | None = Field(
        default=None, description="Whether its cluster waited for it, where `spec.pool` or `prewarm` says so."
    )
    start_time: str = Field(description="When it was opened.")
    flow_start_time: str | None = Field(default=None, description="The flow's first line.")
    end_time: str | None = Field(default=None, description="When it was closed.")
    outcome: Literal["Succeeded", "Failed", "Cancelled", "Suspended"] | None = Field(
        default=None, description="How it ended."
    )
    reason: str | None = Field(default=None, description="Why, in one word.")
    message: str | None = Field(default=None, description="Why, in one sentence.")
    exit_code: int | None = Field(default=None, description="Of the flow's process.")
    budget: Budget | None = Field(
        default=None, description="Which budget of `retries` its failure counts against."
    )
    efficiency: Share | None = Field(default=None, description="As in its report, if there was one.")
    peak_memory: Bytes | None = Field(
        default=None, description="The most that one of its workers' processes had, for example 7.0Gi."
    )

    @property
    def claimed(self) -> bool:
        """Whether its cluster had waited for it."""
        return self.claim is not None and self.claim.reason == CLAIMED


class ClusterUse(Model):
    """The cluster of the present attempt."""

    name: str = Field(default="", description="The DaskCluster.")
    address: str | None = Field(default=None, description="The scheduler's address.")
    dashboard: str | None = Field(default=None, description="How to reach the dashboard: a kubectl command.")
    workers_ready: int = Field(default=0, description="Registered with the scheduler.")
    workers_desired: int = Field(default=0, description="As many as the spec asks for.")
    workers: str = Field(default="", description="Ready and desired workers, for `kubectl get`.")


class Progress(Model):
    """How far the flow is, in Dask tasks."""

    done: int = Field(default=0, description="Tasks done.")
    total: int = Field(default=0, description="Tasks known to the scheduler so far.")
    summary: str = Field(default="", description="Done and total, for `kubectl get`.")


class Failure(Model):
    """The exception that ended the flow."""

    exception: str = Field(default="", description="The name of its class.")
    message: str = Field(default="", description="What it says.")
    traceback: str = Field(default="", description="The last lines, user code first.")


class FlowRunStatus(Model):
    """What has become of the run."""

    observed_generation: int = Field(
        default=-1, description="The generation of the spec that this status is about."
    )
    phase: Phase | None = Field(default=None, description="Where the run is in its life.")
    reason: str = Field(default="", description="Why, in one word.")
    message: str = Field(default="", description="Why, in one sentence a person can act on.")
    conditions: tuple[Condition, ...] = Field(
        default=(), description="Ready, Reconciling, Stalled, ClusterReady, Instant, Succeeded."
    )
    start_time: str | None = Field(default=None, description="When the first attempt was opened.")
    flow_start_time: str | None = Field(
        default=None, description="The flow's first line, of the present attempt."
    )
    completion_time: str | None = Field(default=None, description="When the run reached its terminal phase.")
    duration: str | None = Field(default=None, description="From startTime to completionTime.")
    attempt: int = Field(default=0, description="The number of the present attempt.")
    failures: Failures = Field(default_factory=Failures, description="Budgets of `retries` used up.")
    attempts: tuple[Attempt, ...] = Field(default=(), description=f"The last {MAX_ATTEMPTS_KEPT} attempts.")
    cluster: ClusterUse | None = Field(default=None, description="The cluster of the present attempt.")
    progress: Progress | None = Field(default=None, description="How far the flow is.")
    result: Json | None = Field(
        default=None,
        description="What the flow returned, as JSON.",
        json_schema_extra={"x-schema": {"x-kubernetes-preserve-unknown-fields": True}},
    )
    result_note: str | None = Field(
        default=None, description="What there is to say about a result that is not here."
    )
    failure: Failure | None = Field(default=None, description="The exception that ended the flow.")
    report: Report | None = Field(
        default=None, description="Where time and memory of the last attempt that was closed went."
    )
    cancel_requested: bool | None = Field(default=None, description="`spec.cancel` was seen; it stays so.")
    defaults: AppliedDefaults | None = Field(
        default=None, description="What the spec leaves open and the platform gave, as the run was begun."
    )
    suspend_time: str | None = Field(
        default=None, description="Since when the run is suspended, or kept waiting by quiet hours."
    )
    suspended_seconds: int | None = Field(
        default=None, description="How long it was suspended, or kept waiting by quiet hours, before."
    )


def status_of(resource: Mapping[str, object]) -> FlowRunStatus:
    """The status of a FlowRun, empty where there is none yet, or none that can be read."""
    return read(FlowRunStatus, resource.get("status")) or FlowRunStatus()
