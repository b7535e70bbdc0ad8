"""The base of the models of dask-kubernetes' kinds: their clients send null for what they leave open."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError, model_validator

from daskflow.api.model import FREE_FORM, JsonObject, Model


class TheirModel(Model):
    """A part of one of their resources, in which null means absent, so that defaults hold.

    The API server drops nulls of fields that it knows; within a part of free form they stay.
    """

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {name: each for name, each in value.items() if each is not None}


FreeForm = Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})]
"""A pod's or Service's spec as it stands: whatever it is, the API server judges it when it is created."""


class Metadata(TheirModel):
    """What is put on pods beside what is ours."""

    labels: Mapping[str, str] = Field(default={}, description="Labels of the pods.")
    annotations: Mapping[str, str] = Field(default={}, description="Annotations of the pods.")


Read = TypeVar("Read", bound=TheirModel)


def read(model: type[Read], status: object) -> Read:
    """A status as this model; an empty one for what cannot be read, for another writer may have left it."""
    try:
        return model.model_validate(status if isinstance(status, Mapping) else {})
    except ValidationError:
        return model()
