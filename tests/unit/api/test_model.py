"""Wherever a user may write a value of any shape, one that is nested too deep is refused before its use."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.api.model import LEVELS, deeper
from pydantic import ValidationError

SPECS = {kind.name: kind for kind in KINDS}
Path = tuple[str, ...]


def any_shape(schema: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    """Where the schema lets anything through; `[]` is a step into a list."""
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        yield path
    for name, below in schema.get("properties", {}).items():
        yield from any_shape(below, (*path, name))
    if "items" in schema:
        yield from any_shape(schema["items"], (*path, "[]"))


def fields() -> list[tuple[str, Path]]:
    found = []
    for kind in KINDS:
        schema = kind.definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        found += [(kind.name, path) for path in any_shape(schema["properties"]["spec"])]
    return found


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def at(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if step == "[]" else {step: value}
    return value


@pytest.mark.parametrize(("kind", "path"), fields(), ids=lambda each: str(each[-1]))
@pytest.mark.parametrize("levels", [LEVELS + 1, 100_000])
def test_what_is_nested_too_deep_is_refused(kind: str, path: Path, levels: int) -> None:
    spec = at((*path, "x"), nested(levels))
    with pytest.raises(ValidationError) as error:
        SPECS[kind].spec.model_validate(spec)
    assert "too_deep" in {each["type"] for each in error.value.errors()}


def test_levels_are_counted_exactly() -> None:
    assert not deeper(1, 0)
    assert deeper([], 0)
    for value in (nested(LEVELS), {"a": [1, {"b": nested(LEVELS - 3)}]}):
        assert deeper(value, LEVELS - 1)
        assert not deeper(value, LEVELS)
