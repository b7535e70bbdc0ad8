"""What containers ask for, and what `env` and pull secrets look like."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from daskflow.api.model import FREE_FORM, JsonObject, Model, rule, rules
from daskflow.api.quantities import Quantity, size_fault, small_in_cel

SIZES = ("memory", "ephemeral-storage")
"""Resources that are counted in bytes."""


def _checked_sizes(amounts: Mapping[str, str | int]) -> Mapping[str, str | int]:
    for name in SIZES:
        if name in amounts and (fault := size_fault(amounts[name])):
            raise ValueError(f"{name} {fault}")
    return amounts


def _small(name: str) -> dict[str, Any]:
    """The same rule for the API server."""
    amount = f"self['{name}']"
    return rule(
        f"!('{name}' in self) || !({small_in_cel(amount)})",
        f"='{name} \"' + string({amount}) + '\" is less than 1Mi; m stands for thousandths and no letter for "
        "bytes, write for example 512Mi'",
    )


QuantityMap = Annotated[
    Mapping[str, Quantity],
    AfterValidator(_checked_sizes),
    Field(json_schema_extra=rules(*map(_small, SIZES), maxProperties=16)),
]


class Resources(Model):
    """Requests and limits of a container, as in a pod."""

    requests: QuantityMap | None = Field(default=None, description="What the node must have free.")
    limits: QuantityMap | None = Field(default=None, description="What the container may use at most.")

    def of(self, name: str) -> str | int | None:
        """What the container may count on: the limit, else the request, else None."""
        return (self.limits or {}).get(name, (self.requests or {}).get(name))


class EnvVar(Model):
    """An environment variable, as in a pod."""

    name: str = Field(description="Its name.", min_length=1, max_length=256)
    value: str | None = Field(default=None, description="Its value.")
    value_from: Annotated[JsonObject, Field(json_schema_extra={"x-schema": FREE_FORM})] | None = Field(
        default=None, description="A key of a Secret or ConfigMap, or a field of the pod, as in a pod."
    )


class SourceRef(Model):
    """Names a ConfigMap or Secret of the namespace."""

    name: str = Field(description="Its name.", min_length=1, max_length=253)
    optional: bool | None = Field(default=None, description="Whether it may be missing [false].")


class EnvFrom(Model):
    """A ConfigMap or Secret whose keys become environment variables, as in a pod."""

    prefix: str | None = Field(default=None, description="Put before each key.")
    config_map_ref: SourceRef | None = Field(default=None, description="A ConfigMap.")
    secret_ref: SourceRef | None = Field(default=None, description="A Secret.")


class LocalRef(Model):
    """Names an object of the namespace."""

    name: str = Field(description="Its name.", min_length=1, max_length=253)


def by_name(items: Any) -> dict[str, Any]:
    """Schema keywords of a list that server-side apply merges by `name`."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "maxItems": items}
