"""The base of all models: frozen, camelCase outside, with the helpers the schema generator reads."""

from collections.abc import Iterable, Mapping, Sequence
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


def fixed(paths: Sequence[str], *, unless_suspended: bool = False) -> dict[str, Any]:
    """A rule for a whole object that the fields of its spec at these dotted paths stay as they were created.

    Written with has() rather than optional fields, whose estimated cost is beyond the budget.
    """
    same = {f"spec.{path}": _same(path) for path in paths}
    return _unchanged(same, "cannot change", unless_suspended=unless_suspended)


def _same(path: str) -> str:
    new, old = _there(path)
    return f"({new}) == ({old}) && (!({new}) || self.spec.{path} == oldSelf.spec.{path})"


def _there(path: str) -> tuple[str, str]:
    """Whether the field is there, now and before."""
    steps = f"spec.{path}".split(".")
    parts = [".".join(steps[: count + 1]) for count in range(1, len(steps))]
    new, old = (" && ".join(f"has({whose}.{part})" for part in parts) for whose in ("self", "oldSelf"))
    return new, old


def fixed_items(path: str, names: Sequence[str], *, unless_suspended: bool = False) -> list[dict[str, Any]]:
    """Rules for a whole object about the list at this dotted path of its spec, whose items have a `name`.

    Items stay the same ones, and in each of them the fields of these names.
    """
    new, old = _there(path)
    both, ours, theirs = f"({new}) && ({old})", f"self.spec.{path}", f"oldSelf.spec.{path}"
    present = {
        f"spec.{path}": f"({new}) == ({old}) && (!({both}) || {ours}.size() == {theirs}.size() && "
        f"{ours}.all(n, {theirs}.exists(o, o.name == n.name)))"
    }
    fields = {}
    for name in names:
        same = f"has(n.{name}) == has(o.{name}) && (!has(n.{name}) || n.{name} == o.{name})"
        fields[f"{name} in spec.{path}"] = (
            f"!({both}) || {ours}.all(n, {theirs}.all(o, o.name != n.name || {same}))"
        )
    return [
        _unchanged(present, "can gain or lose no item", unless_suspended=unless_suspended),
        _unchanged(fields, "cannot change", unless_suspended=unless_suspended),
    ]


def _unchanged(same: Mapping[str, str], cannot: str, *, unless_suspended: bool) -> dict[str, Any]:
    """One rule for all of these conditions, by what they are about; its message names the first that fails.

    The whole spec is compared first: an API server spends a third of its time on a run in such rules
    otherwise, since each of its status writes is looked at, and each look into a spec lists all its fields
    (Structural.Properties in Kubernetes' apiextensions-apiserver).
    """
    when = "once the run exists, unless it is suspended; make a new FlowRun"
    if not unless_suspended:
        when = "once the cluster exists; delete it and apply it again"
    suspended = f"{_SUSPENDED} || " if unless_suspended else ""
    holds = " && ".join(f"({condition})" for condition in same.values())
    cel = f"self.spec == oldSelf.spec || {suspended}({holds})"
    if len(same) == 1:
        return rule(cel, f"{next(iter(same))} {cannot} {when}")
    *others, last = same
    chain = "".join(f"!({same[what]}) ? '{what} {cannot} {when}' : " for what in others)
    return rule(cel, f"={chain}'{last} {cannot} {when}'")


_SUSPENDED = (
    "(has(oldSelf.spec.suspend) && oldSelf.spec.suspend && "
    "(!has(oldSelf.status.phase) || oldSelf.status.phase == 'Suspended'))"
)
"""Not from the wish alone: until the operator has followed it an attempt may be live."""


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
