"""DaskCluster: a Dask scheduler and its workers."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from daskflow.api.conditions import Condition
from daskflow.api.model import FREE_FORM, JsonObject, Model, PodTemplate, fixed
from daskflow.api.quantities import Duration, quantity
from daskflow.api.resources import Resources
from daskflow.api.shared import SHARED_FIELDS, Shared

Phase = Literal["Pending", "Starting", "Ready", "Degraded", "Stopped", "Failed"]
TERMINAL_PHASES = frozenset({"Stopped", "Failed"})

DEFAULT_GROUP = "default"
MAX_WORKERS = 2000
"""Above this one Dask scheduler, not Kubernetes, is the bottleneck."""

Args = Annotated[tuple[Annotated[str, Field(max_length=4096)], ...], Field(max_length=64)]


class Scheduler(Model):
    """The Dask scheduler's pod."""

    resources: Resources = Field(default_factory=Resources, description="Of the scheduler's container.")
    args: Args = Field((), description="Passed through to `dask scheduler`.")
    template: PodTemplate = Field(
        default_factory=dict, description="A pod template merged over the shared one."
    )


class Workers(Model):
    """The workers of one group, all alike."""

    replicas: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = Field(2, description="How many [2].")
    required: Annotated[int, Field(ge=1, le=MAX_WORKERS)] | None = Field(
        None,
        description="A flow begins when all workers are there, or this many of them after `patience` [all].",
    )
    patience: Duration = Field("15s", description="How long a flow waits for more than `required` [15s].")
    threads: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        None, description="Threads of a worker [its CPU request or limit, rounded up; else 1]."
    )
    resources: Resources = Field(default_factory=Resources, description="Of each worker's container.")
    args: Args = Field((), description="Passed through to `dask worker`.")
    template: PodTemplate = Field(
        default_factory=dict, description="A pod template merged over the shared one."
    )

    @property
    def thread_count(self) -> int:
        """Threads of one worker: as given, else what its CPU request (or limit) is good for."""
        if self.threads:
            return self.threads
        cpu = (self.resources.requests or {}).get("cpu", (self.resources.limits or {}).get("cpu"))
        return max(1, math.ceil(quantity(cpu))) if cpu is not None else 1


class ClusterSpec(Model):
    """What a cluster consists of, besides the shared fields."""

    scheduler: Scheduler = Field(default_factory=Scheduler, description="The Dask scheduler.")
    workers: Workers = Field(default_factory=Workers, description="The workers.")
    config: Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})] = Field(
        default_factory=dict,
        description="Dask configuration (`distributed: {scheduler: {…}}`), a file in every pod.",
    )


FIXED_CLUSTER_FIELDS = (
    "scheduler",
    "config",
    "workers.resources",
    "workers.threads",
    "workers.args",
    "workers.template",
)
"""What a cluster's pods are made from; they are not rolled."""


class DaskClusterSpec(Shared, ClusterSpec):
    """A scheduler and workers from one image, for clients inside the Kubernetes cluster."""


DASK_CLUSTER_RULES = tuple(fixed(path) for path in (*SHARED_FIELDS, *FIXED_CLUSTER_FIELDS))
"""Rules on the whole object about what may change."""


class WorkersStatus(Model):
    """How many workers there are."""

    desired: int = Field(0, description="As many as the spec asks for.")
    ready: int = Field(0, description="Registered with the scheduler.")


class SchedulerStatus(Model):
    """The one scheduler pod this cluster has ever had: another one is never made."""

    pod: str = Field(description="Its name.")
    uid: str = Field(description="Its uid.")


class DaskClusterStatus(Model):
    """What has become of the cluster."""

    observed_generation: int = Field(-1, description="The generation of the spec that this status is about.")
    phase: Phase | None = Field(None, description="Where the cluster is in its life.")
    reason: str = Field("", description="Why, in one word.")
    message: str = Field("", description="Why, in one sentence a person can act on.")
    conditions: tuple[Condition, ...] = Field((), description="Ready, Reconciling, Stalled.")
    address: str | None = Field(None, description="Where clients in the Kubernetes cluster connect.")
    secret_name: str | None = Field(None, description="The Secret with the certificates a client needs.")
    scheduler: SchedulerStatus | None = Field(None, description="The scheduler's pod, once it was made.")
    workers: WorkersStatus = Field(default_factory=WorkersStatus, description="How many workers there are.")


def spec_of(resource: Mapping[str, object]) -> DaskClusterSpec:
    """The spec of a DaskCluster; raises pydantic.ValidationError where it cannot be understood."""
    return DaskClusterSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, object]) -> DaskClusterStatus:
    """The status of a DaskCluster, empty where there is none yet."""
    return DaskClusterStatus.model_validate(resource.get("status") or {})
