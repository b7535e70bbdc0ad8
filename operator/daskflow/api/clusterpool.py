"""ClusterPool: clusters of one template that wait, each for one attempt of one run."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from daskflow.api.conditions import Condition
from daskflow.api.daskcluster import ClusterSpec
from daskflow.api.legible import read
from daskflow.api.model import Model, rule, rules
from daskflow.api.quantities import SECONDS_IN_CEL, Duration
from daskflow.api.remembered import Remembered
from daskflow.api.runner import Runner
from daskflow.api.shared import Shared
from daskflow.api.standby import PREFECT, PRELOAD, Modules

MOST_READY = 1000
SHORTEST_AGE = 300
"""Seconds. Each replacement is a cluster's start, of which nobody makes use."""

_Texts = Annotated[Mapping[str, str], Field(json_schema_extra={"maxProperties": 64})]


class UnitMetadata(Model):
    """Labels and annotations of each cluster."""

    labels: _Texts = Field(default_factory=dict, description="Labels of each, besides those of the operator.")
    annotations: _Texts = Field(
        default_factory=dict, description="Annotations of each, besides those of the operator."
    )


class UnitSpec(Shared):
    """What each cluster and its runner are made from, as in a FlowRun."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "!has(self.cluster) || !has(self.cluster.workers) || !has(self.cluster.workers.replicas) || "
                "self.cluster.workers.replicas > 0 || has(self.cluster.workers.autoscale) || "
                "has(self.cluster.workers.total) || "
                "(has(self.cluster.workerGroups) && self.cluster.workerGroups.size() > 0)",
                "cluster.workers.replicas is 0, and without workers there is no cluster to wait; "
                "give at least 1",
            )
        )
    )

    runner: Runner = Field(
        default_factory=Runner, description="The pod in which the flow's own process will run."
    )
    cluster: ClusterSpec = Field(default_factory=ClusterSpec, description="Scheduler and workers.")
    cancel_grace_period: Duration = Field(default="30s", description="From SIGTERM to SIGKILL [30s].")


class UnitTemplate(Model):
    """A cluster without a name."""

    metadata: UnitMetadata = Field(
        default_factory=UnitMetadata, description="Labels and annotations of each cluster."
    )
    spec: UnitSpec = Field(description="What each cluster and its runner are made from.")


class ClusterPoolSpec(Model):
    """Clusters that wait with a runner that has Dask imported: each serves one attempt and never another."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                f"!has(self.maxAge) || {SECONDS_IN_CEL.format('self.maxAge')} >= {SHORTEST_AGE}",
                f"maxAge is too short; give at least {SHORTEST_AGE // 60}m",
            )
        )
    )

    ready: Annotated[int, Field(ge=0, le=MOST_READY)] = Field(
        default=1, description="How many clusters wait [1]. With 0 none does: a mere template."
    )
    max_age: Duration = Field(
        default="12h",
        description="A cluster that has waited for so long, or a tenth less, is replaced: its environment "
        "from Secrets, its image and its nodes are as old as it is [12h].",
    )
    preload: Modules = Field(default=(), description=PRELOAD)
    prefect: bool = Field(default=False, description=PREFECT)
    template: UnitTemplate = Field(
        description="What each cluster is made from: metadata (labels, annotations) and spec."
    )


class ClusterPoolStatus(Model):
    """How many clusters wait, and what has become of those before them."""

    observed_generation: int = Field(
        default=-1, description="The generation of the spec that this status is about."
    )
    ready: int = Field(default=0, description="Clusters that wait and may be claimed.")
    starting: int = Field(default=0, description="Clusters that are on their way there.")
    ordinal: int = Field(
        default=0, description="The highest number in a cluster's name, noted before it is made."
    )
    hash: str = Field(default="", description="Of the template; a cluster of another is never claimed.")
    claimed: int = Field(default=0, description="How many clusters runs were seen to have claimed.")
    counted: tuple[int, ...] = Field(
        default=(), description="Numbers of claimed clusters that were there and counted at the last claim."
    )
    last_claim_time: str | None = Field(default=None, description="When a claim was last seen.")
    yield_time: str | None = Field(
        default=None, description="When a cluster was last given up for a run that had no room."
    )
    failures: int = Field(default=0, description="Clusters in a row that ended before they had waited.")
    failed: tuple[int, ...] = Field(
        default=(), description="Numbers of those that are still there and counted as such."
    )
    failure_time: str | None = Field(default=None, description="When the last of them was seen.")
    failure: str = Field(default="", description="What the last of them said.")
    selector: str | None = Field(default=None, description="Selects the pods that wait, for `kubectl scale`.")
    reason: str = Field(default="", description="Why fewer clusters wait than are wanted, in one word.")
    message: str = Field(default="", description="How many wait, and why no more, in one sentence.")
    conditions: tuple[Condition, ...] = Field(default=(), description="Ready, Reconciling, Stalled, Unused.")


_spec = Remembered(ClusterPoolSpec.model_validate)


def spec_of(resource: Mapping[str, Any]) -> ClusterPoolSpec:
    """The spec of a ClusterPool; raises pydantic.ValidationError where it cannot be understood."""
    return _spec(resource.get("spec") or {})


def status_of(resource: Mapping[str, object]) -> ClusterPoolStatus:
    """The status of a ClusterPool, empty where there is none yet, or none that can be read."""
    return read(ClusterPoolStatus, resource.get("status")) or ClusterPoolStatus()
