"""DaskCluster of dask-kubernetes: what users write, and what published clients and people read."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from daskflow.api.conditions import Condition
from daskflow.api.dask_kubernetes.model import FreeForm, Metadata, TheirModel, read
from daskflow.api.workers import MAX_WORKERS


class Worker(TheirModel):
    """The workers of a group, all alike."""

    replicas: int = Field(
        default=1,
        le=MAX_WORKERS,
        description=f"How many workers there should be, at most {MAX_WORKERS} in a group [1].",
    )
    metadata: Metadata = Field(default=Metadata(), description="Labels and annotations of the pods.")
    spec: FreeForm = Field(description="The pod's spec, taken as it stands.")

    @property
    def count(self) -> int:
        """How many workers there should be, where a number below zero was written as well."""
        return max(0, self.replicas)


class Scheduler(TheirModel):
    """The scheduler's pod and the Service before it."""

    metadata: Metadata = Field(default=Metadata(), description="Labels and annotations of pod and Service.")
    spec: FreeForm = Field(description="The pod's spec, taken as it stands.")
    service: FreeForm = Field(description="The Service's spec, taken as it stands.")


class DaskClusterSpec(TheirModel):
    """A Dask cluster: a scheduler behind a Service, and a first group of workers."""

    idle_timeout: int = Field(
        default=0,
        description="Seconds after which a cluster that computes nothing is deleted; 0: never [0].",
    )
    scheduler: Scheduler = Field(description="The scheduler.")
    worker: Worker = Field(description="The workers of the group that is made with the cluster.")


class SchedulerRecord(TheirModel):
    """The scheduler that was seen last."""

    uid: str = Field(default="", description="The uid of its pod.")
    made: int = Field(default=0, description="How many were made, one after the other.")


class Injected(TheirModel):
    """What pods of a cluster get beyond what their users wrote."""

    preload: bool = Field(default=False, description="Whether workers hand over by a preload of ours.")
    tls: Literal["None", "Pods", "All"] = Field(
        default="None", description="Which connections are encrypted: none, those among pods, or all."
    )


class DaskClusterStatus(TheirModel):
    """What the operator found. Published clients read `phase` only."""

    phase: str = Field(
        default="",
        description="Created, Pending, Running as soon as the Service is there, or Error for what cannot be.",
    )
    reason: str = Field(default="", description="Why it is not as it should be, in one word.")
    message: str = Field(default="", description="The same as a sentence, with the remedy.")
    observed_generation: int = Field(default=0, description="The generation of the spec that was seen.")
    replicas: int = Field(default=0, description="Workers of the default group that are there.")
    scheduler: SchedulerRecord = Field(
        default=SchedulerRecord(), description="The scheduler that was seen last."
    )
    injected: Injected | None = Field(
        default=None,
        description="What its pods get beyond what their users wrote; fixed when the cluster is made.",
    )
    conditions: tuple[Condition, ...] = Field(default=(), description="How it is.")


def spec_of(resource: Mapping[str, Any]) -> DaskClusterSpec:
    """Its spec; raises pydantic's ValidationError for what cannot be read."""
    return DaskClusterSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, Any]) -> DaskClusterStatus:
    """Its status; one that cannot be read is as none, since all that it tells is found again."""
    return read(DaskClusterStatus, resource.get("status"))
