"""What a run or cluster was given by its platform: a part of its status, and how a namespace gives it."""

from typing import Annotated

from pydantic import Field

from daskflow.api.model import FREE_FORM, JsonObject, Model
from daskflow.api.names import GROUP

CONFIG_MAP = "daskflow-defaults"
"""The name of a namespace's ConfigMap: the operator may read none of another name."""
CONFIG_MAP_KEY = "defaults.yaml"
CONFIG_MAP_ANNOTATION = f"{GROUP}/defaults"
"""With the value `true` it is meant as such."""


class AppliedDefaults(Model):
    """What the spec left open and the platform gave, as it was when the first pod was to be made."""

    sources: tuple[str, ...] = Field(default=(), description="Who gave it: `pool`, `namespace`, `operator`.")
    spec: Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})] = Field(
        default_factory=dict, description="As if it stood in the spec; it stays as it is."
    )
