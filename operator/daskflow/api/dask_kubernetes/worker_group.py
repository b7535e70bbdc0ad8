"""DaskWorkerGroup of dask-kubernetes: workers of a cluster that are alike."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from daskflow.api.conditions import Condition
from daskflow.api.dask_kubernetes.cluster import Worker
from daskflow.api.dask_kubernetes.model import TheirModel, read


class DaskWorkerGroupSpec(TheirModel):
    """Workers of a DaskCluster that are alike."""

    cluster: str = Field(description="The name of the DaskCluster.")
    worker: Worker = Field(description="The workers.")


class DaskWorkerGroupStatus(TheirModel):
    """What the operator found."""

    replicas: int = Field(default=0, description="Workers that are there and are to stay.")
    ready: int = Field(default=0, description="Those of them whose containers are ready.")
    selector: str = Field(default="", description="The label selector of the pods.")
    reason: str = Field(default="", description="Why it is not as it should be, in one word.")
    message: str = Field(default="", description="The same as a sentence, with the remedy.")
    observed_generation: int = Field(default=0, description="The generation of the spec that was seen.")
    ordinal: int | None = Field(
        default=None, description="The highest number that a worker has had: none is used twice."
    )
    surplus_since: str | None = Field(default=None, description="Since when there are too many workers.")
    conditions: tuple[Condition, ...] = Field(default=(), description="How it is.")


def spec_of(resource: Mapping[str, Any]) -> DaskWorkerGroupSpec:
    """Its spec; raises pydantic's ValidationError for what cannot be read."""
    return DaskWorkerGroupSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, Any]) -> DaskWorkerGroupStatus:
    """Its status; one that cannot be read is as none."""
    return read(DaskWorkerGroupStatus, resource.get("status"))
