"""DaskAutoscaler of dask-kubernetes: the number of workers of a cluster's default group follows its tasks."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from daskflow.api.conditions import Condition
from daskflow.api.dask_kubernetes.model import TheirModel, read


class DaskAutoscalerSpec(TheirModel):
    """Within which bounds the number of workers follows what the scheduler's tasks ask for."""

    cluster: str = Field(description="The name of the DaskCluster.")
    minimum: int = Field(default=0, description="At least so many workers [0].")
    maximum: int | None = Field(default=None, description="At most so many workers [any number].")


class DaskAutoscalerStatus(TheirModel):
    """What the operator found."""

    reason: str = Field(default="", description="Why it does nothing, in one word.")
    message: str = Field(default="", description="The same as a sentence, with the remedy.")
    observed_generation: int = Field(default=0, description="The generation of the spec that was seen.")
    conditions: tuple[Condition, ...] = Field(default=(), description="How it is.")


def spec_of(resource: Mapping[str, Any]) -> DaskAutoscalerSpec:
    """Its spec; raises pydantic's ValidationError for what cannot be read."""
    return DaskAutoscalerSpec.model_validate(resource.get("spec") or {})


def status_of(resource: Mapping[str, Any]) -> DaskAutoscalerStatus:
    """Its status; one that cannot be read is as none."""
    return read(DaskAutoscalerStatus, resource.get("status"))
