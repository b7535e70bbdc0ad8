"""Refuses what the API server would refuse: unknown fields, wrong values, broken rules, each in a sentence.

The schema and its CEL rules are the ones in `crds/`, so that there is one source for both.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import ValidationError

from daskflow.api.crd import KINDS
from daskflow.api.model import LEVELS, TOO_DEEP, Model, deeper
from daskflow.api.names import API_VERSION
from daskflow.cli.local import cel

Schema = Mapping[str, Any]

_LEVELS = 2 * LEVELS
"""Of a whole spec; its fields have bounds of their own. JSON is read up to 200 levels."""


class Invalid(Exception):
    """The text is one sentence that names field, value and remedy."""


def checked(resource: Mapping[str, Any], *, rules: bool = True) -> tuple[Model, dict[str, Any]]:
    """The spec of an object of ours as its user wrote it, as a model and as JSON. Raises Invalid.

    Without `rules` those in CEL are not asked.
    """
    kind = next((kind for kind in KINDS if kind.name == resource.get("kind")), None)
    if kind is None:
        raise Invalid(
            f"kind is {resource.get('kind')!r}; write one of {', '.join(each.name for each in KINDS)}"
        )
    _header(resource)
    schema = schema_of(kind.name)
    known: dict[str, Any] = _known(dict(resource), schema, "")
    spec = known.get("spec")
    if not isinstance(spec, dict):
        raise Invalid(f"spec is {json.dumps(spec)[:80]}; give an object")
    if deeper(spec, _LEVELS):
        raise Invalid(f"something in spec is {TOO_DEEP}")
    try:
        model = kind.spec.model_validate_json(json.dumps(spec), strict=True)
    except ValidationError as error:
        raise Invalid(_sentence(error, spec)) from error
    for said in _broken(known, schema, "") if rules else ():
        raise Invalid(said)
    return model, spec


@cache
def schema_of(kind: str) -> Schema:
    """A kind's generated schema. Making it takes much longer than checking by it."""
    (found,) = (each.definition for each in KINDS if each.name == kind)
    schema: Schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _header(resource: Mapping[str, Any]) -> None:
    if resource.get("apiVersion") != API_VERSION:
        raise Invalid(f"apiVersion is {resource.get('apiVersion')!r}; write {API_VERSION}")
    metadata = resource.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or not name:
        raise Invalid("metadata.name is missing; give the run a name of lower-case letters and dashes")


def _known(value: Any, schema: Schema, path: str) -> Any:
    """`value` without nulls, which the API server drops. Raises Invalid for a field that it does not know."""
    if isinstance(value, list) and "items" in schema:
        _unique(value, schema, path)
        return [_known(item, schema["items"], f"{path}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, dict) or schema.get("x-kubernetes-preserve-unknown-fields"):
        return value
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    if properties is None and others is None:
        return value
    result = {}
    for name, item in value.items():
        below = (properties or {}).get(name, others)
        if below is None:
            raise Invalid(_unknown(name, properties or {}, path))
        if item is not None:
            result[name] = _known(item, below, _join(path, name))
    return result


def _unknown(name: str, properties: Schema, path: str) -> str:
    near = get_close_matches(name, properties, 1, 0.6)
    fields = ", ".join(sorted(properties))
    remedy = f"did you mean {_join(path, near[0])}?" if near else f"there are {fields}"
    return f"{_join(path, name)} is unknown; {remedy}"


def _unique(items: list[Any], schema: Schema, path: str) -> None:
    keys = schema.get("x-kubernetes-list-map-keys", ())
    names = [tuple(item.get(key) for key in keys) for item in items if keys and isinstance(item, dict)]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"{path} has more than one {name[0]!r}; keep one")


def _sentence(error: ValidationError, spec: Any) -> str:
    """The first of a spec's errors."""
    first = error.errors()[0]
    path = "spec"
    for step in first["loc"]:
        inside = isinstance(spec, list) and isinstance(step, int)
        if not inside and not (isinstance(spec, dict) and (step in spec or first["type"] == "missing")):
            break  # a step into one of the types of a union
        path += f"[{step}]" if inside else f".{step}"
        spec = spec[step] if inside else spec.get(step)
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        return f"{path} is missing; give it"
    if first["type"] == "value_error":
        return f"{path}: {said}"
    return f"{path} is {json.dumps(spec)[:80]}; {said[0].lower()}{said[1:]}"


def _broken(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """What rules that look at one state of the object say against it, from the outside to the inside."""
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" not in rule["rule"] and not holds(rule["rule"], value):
            yield _against(rule, value, path)
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            below = properties.get(name, others)
            if isinstance(below, Mapping):
                yield from _broken(item, below, _join(path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _broken(item, schema.get("items", {}), f"{path}[{index}]")


def _against(rule: Mapping[str, str], value: Any, path: str) -> str:
    if "messageExpression" in rule:
        return f"{path}: {_evaluated(rule['messageExpression'], value)}"
    if path in ("", "spec"):
        return rule["message"]
    text = json.dumps(value)
    return f"{path} is {text if len(text) < 80 else text[:79] + '…'}; {rule['message']}"


def holds(rule: str, value: Any) -> bool:
    """Whether a CEL rule holds for a value. Raises ValueError or RuntimeError for what is no CEL."""
    return bool(_evaluated(rule, value))


def _evaluated(expression: str, value: Any) -> Any:
    try:
        return cel.evaluated(expression, value)
    except cel.Missing as error:
        raise Invalid(str(error)) from error


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
