"""DaskCluster: a Dask scheduler and its workers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from daskflow.api.conditions import Condition
from daskflow.api.defaults import AppliedDefaults
from daskflow.api.legible import read
from daskflow.api.model import FREE_FORM, JsonObject, Model, PodTemplate
from daskflow.api.quantities import Duration
from daskflow.api.remembered import Remembered
from daskflow.api.resources import Resources, by_name
from daskflow.api.shared import SHARED_FIELDS, Shared
from daskflow.api.standby import Standby, StandbyStatus
from daskflow.api.unchanging import fixed, fixed_items, unchanging
from daskflow.api.workers import DEFAULT_GROUP, MAX_GROUPS, Args, WorkerGroup, Workers

Phase = Literal["Pending", "Starting", "Ready", "Degraded", "Suspended", "Stopping", "Stopped", "Failed"]
TERMINAL_PHASES = frozenset({"Stopped", "Failed"})


class Scheduler(Model):
    """The Dask scheduler's pod."""

    resources: Resources = Field(default_factory=Resources, description="Of the scheduler's container.")
    args: Args = Field(default=(), description="Passed through to `dask scheduler`.")
    template: PodTemplate = Field(
        default_factory=dict, description="A pod template merged over the shared one."
    )


class ClusterSpec(Model):
    """What a cluster consists of, besides the shared fields."""

    scheduler: Scheduler = Field(default_factory=Scheduler, description="The Dask scheduler.")
    workers: Workers = Field(default_factory=Workers, description="The workers of the default group.")
    worker_groups: Annotated[tuple[WorkerGroup, ...], Field(json_schema_extra=by_name(MAX_GROUPS))] = Field(
        default=(), description="Further groups of workers, each with all the fields of workers."
    )
    idle_timeout: Duration | None = Field(
        default=None,
        description="A cluster of its own stops when for so long no task ran or waited and no client held "
        "results [never].",
    )
    no_client_timeout: Duration | None = Field(
        default=None,
        description="A cluster of its own stops when for so long, from its readiness on, no client was "
        "connected, no run used it and no task ran or waited [never].",
    )
    dashboard: bool = Field(
        default=False, description="Serve Dask's dashboard on 127.0.0.1 of the scheduler's pod [false]."
    )
    config: Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})] = Field(
        default_factory=dict,
        description="Dask configuration (`distributed: {scheduler: {…}}`), a file in every pod.",
    )

    @property
    def groups(self) -> Mapping[str, Workers]:
        """All groups of workers by name, the default one first."""
        return {DEFAULT_GROUP: self.workers, **{group.name: group for group in self.worker_groups}}

    @property
    def autoscales(self) -> bool:
        """Whether any group's number of workers follows the scheduler's demand."""
        return any(group.autoscale is not None for group in self.groups.values())


FIXED_WORKER_FIELDS = ("resources", "scratch", "daskResources", "nanny", "threads", "args", "template")
"""What the workers of a group are made from."""

FIXED_CLUSTER_FIELDS = (
    "scheduler",
    "config",
    "dashboard",
    "idleTimeout",
    "noClientTimeout",
    *(f"workers.{name}" for name in FIXED_WORKER_FIELDS),
)
"""What a cluster's pods are made from; they are not rolled."""


class DaskClusterSpec(Shared, ClusterSpec):
    """A scheduler and workers from one image, for clients inside the Kubernetes cluster."""

    suspend: bool = Field(default=False, description="Keep everything stopped while true [false].")
    standby: Standby | None = Field(
        default=None,
        description="A runner that waits with the cluster for a run; for clusters that a ClusterPool makes.",
    )


_WHEN = "once the cluster exists; delete it and apply it again"

DASK_CLUSTER_RULES = (
    unchanging(
        {
            **fixed((*SHARED_FIELDS, *FIXED_CLUSTER_FIELDS, "standby"), _WHEN),
            **fixed_items("workerGroups", FIXED_WORKER_FIELDS, _WHEN),
        }
    ),
)
"""Rules on the whole object about what may change."""


class GroupStatus(Model):
    """One group of workers."""

    name: str = Field(description="`default`, or as in spec.workerGroups.")
    desired: int = Field(default=0, description="As many as the spec, or the scheduler's demand, asks for.")
    ready: int = Field(default=0, description="Registered with the scheduler.")
    reason: str = Field(default="", description="Why workers died or do not start, in one word.")
    message: str = Field(default="", description="The same in one sentence.")
    surplus_since: str | None = Field(
        default=None,
        description="Since when there have been more workers than desired; they are being retired.",
    )
    ordinal: int | None = Field(
        default=None, description="The highest number in the names of removed workers: none is used again."
    )


class WorkersStatus(Model):
    """How many workers there are."""

    desired: int = Field(default=0, description="As many as spec and demand ask for.")
    ready: int = Field(default=0, description="Registered with the scheduler.")
    replicas: int = Field(default=0, description="Workers of the default group, for `kubectl scale`.")
    groups: Annotated[tuple[GroupStatus, ...], Field(json_schema_extra=by_name(MAX_GROUPS + 1))] = Field(
        default=(), description="By group, if there are several or there is something to say."
    )


class SchedulerStatus(Model):
    """The one scheduler pod of this cluster: another one is made only after a suspension."""

    pod: str = Field(description="Its name.")
    uid: str = Field(description="Its uid.")
    secret: str | None = Field(
        default=None,
        description="The Secret that the cluster's pods mount; none: it is called as the Service is.",
    )
    scaled: bool | None = Field(
        default=None,
        description="Whether it was ever told how many workers there should be; it then hears every change.",
    )


class DaskClusterStatus(Model):
    """What has become of the cluster."""

    observed_generation: int = Field(
        default=-1, description="The generation of the spec that this status is about."
    )
    phase: Phase | None = Field(default=None, description="Where the cluster is in its life.")
    reason: str = Field(default="", description="Why, in one word.")
    message: str = Field(default="", description="Why, in one sentence a person can act on.")
    conditions: tuple[Condition, ...] = Field(default=(), description="Ready, Reconciling, Stalled.")
    address: str | None = Field(default=None, description="Where clients in the Kubernetes cluster connect.")
    secret_name: str | None = Field(
        default=None, description="The Secret with the certificates a client needs."
    )
    dashboard: str | None = Field(default=None, description="How to reach the dashboard: a kubectl command.")
    selector: str | None = Field(
        default=None, description="Selects the default group's pods, for `kubectl scale`."
    )
    scheduler: SchedulerStatus | None = Field(
        default=None, description="The scheduler's pod, once it was made."
    )
    workers: WorkersStatus = Field(default_factory=WorkersStatus, description="How many workers there are.")
    standby: StandbyStatus | None = Field(
        default=None, description="Of a ClusterPool's cluster: whether its runner waits."
    )
    defaults: AppliedDefaults | None = Field(
        default=None, description="What the spec leaves open and the platform gave, as the cluster was begun."
    )


_spec = Remembered(DaskClusterSpec.model_validate)


def spec_of(resource: Mapping[str, Any]) -> DaskClusterSpec:
    """The spec of a DaskCluster; raises pydantic.ValidationError where it cannot be understood."""
    return _spec(resource.get("spec") or {})


def status_of(resource: Mapping[str, object]) -> DaskClusterStatus:
    """The status of a DaskCluster, empty where there is none yet, or none that can be read."""
    return read(DaskClusterStatus, resource.get("status")) or DaskClusterStatus()
