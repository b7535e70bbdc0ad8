"""The base of all models: frozen, camelCase outside, with the helpers the schema generator reads."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

Json = Any
"""Any JSON value."""

LEVELS = 50
"""How deep a value of any shape may be nested. API servers store 10,000; whatever is made from it, in pods
as in the operator, would have to recurse that deep."""


TOO_DEEP = f"nested more than {LEVELS} levels deep; give less nested data, or a text with its JSON"


def deeper(value: Any, levels: int) -> bool:
    """Whether a JSON value has containers in more levels than this. Walks without recursion."""
    level = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(levels):
        if not level:
            return False
        inner = (each.values() if isinstance(each, Mapping) else each for each in level)
        level = [each for values in inner for each in values if isinstance(each, _CONTAINERS)]
    return bool(level)


def flat_enough(value: Any) -> Any:
    """The value; raises `too_deep`. A field's own object is no level."""
    if deeper(value, LEVELS + 1):
        raise PydanticCustomError("too_deep", TOO_DEEP)
    return value


_CONTAINERS = (dict, list, Mapping)

JsonObject = Annotated[Mapping[str, Any], BeforeValidator(flat_enough)]


if TYPE_CHECKING:  # who checks types is told by the fields themselves
    _Checked = BaseModel
else:

    class _Called(type(BaseModel)):
        """What a program constructs has known fields only. Objects that are read do not come by here."""

        def __call__(cls, *args: Any, **given: Any) -> Any:
            """Raises TypeError for an argument that is no field: a program's slip, and no newer object."""
            if given.keys() - cls.__pydantic_fields__.keys():
                refuse_unknown(cls.__name__, given, cls.__pydantic_fields__)
            return super().__call__(*args, **given)

    class _Checked(BaseModel, metaclass=_Called):
        pass


class Model(_Checked):
    """A part of a custom resource. Unknown fields are dropped: an object may be newer than the operator."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")

    def dump(self) -> dict[str, Any]:
        """The camelCase JSON of the custom resource; fields that are None are left out."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")

    def written(self) -> dict[str, Any]:
        """As `dump`, but only what the user wrote, so that defaults stay open to later versions."""
        return self.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json")


def refuse_unknown(model: str, given: Iterable[str], fields: Mapping[str, Any]) -> None:
    """Raises TypeError that names the first argument which is no field, under neither of its names."""
    known = {*fields, *(each.alias for each in fields.values() if each.alias)}
    for name in given:
        if name not in known:
            near = get_close_matches(name, fields, 1)
            remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(fields))}"
            raise TypeError(f"{model} has no field {name}; {remedy}")


def rule(cel: str, message: str) -> dict[str, Any]:
    """One CEL rule for `x-kubernetes-validations`; `message` may be a CEL expression that begins with `=`."""
    if message.startswith("="):
        return {"rule": cel, "messageExpression": message[1:]}
    return {"rule": cel, "message": message}


def rules(*entries: dict[str, Any], **schema: Any) -> dict[str, Any]:
    """`json_schema_extra` of a model or field that carries CEL rules and other schema keywords."""
    return {"x-kubernetes-validations": list(entries), **schema}


FREE_FORM: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
"""Schema of an object the API server stores as it is: CEL cannot see into it."""

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_NAMED = {
    "type": "array",
    "maxItems": 64,
    "items": {**FREE_FORM, "required": ["name"], "properties": {"name": {"type": "string"}}},
}
_TEMPLATE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "metadata": {"type": "object", "properties": {"labels": _TEXTS, "annotations": _TEXTS}},
        "spec": {
            **FREE_FORM,
            "properties": dict.fromkeys(("containers", "initContainers", "volumes"), _NAMED),
        },
    },
}
"""As much of a pod template as merging relies on; the rest is checked when the pod is created."""

PodTemplate = Annotated[JsonObject, Field(json_schema_extra={"x-schema": _TEMPLATE})]
"""A pod template, or a part of one, merged over ours the way kubectl's strategic merge does."""
