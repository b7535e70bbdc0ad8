"""Nothing that was valid in a definition that people have becomes invalid."""

import json
from typing import Any

import pytest

from tests.unit.api.compatible import RECORD, narrower, schemas

JUDGED: dict[str, str] = {}
"""Sentences of `narrower` with why nobody can be hurt, as by a rule that speaks of a new field."""


def test_the_definitions_take_all_that_the_recorded_ones_took() -> None:
    now, then = schemas(), json.loads(RECORD.read_text())
    found = [f"{kind}{sentence}" for kind in then for sentence in narrower(then[kind], now[kind])]
    assert [sentence for sentence in found if sentence not in JUDGED] == []


def test_what_was_judged_is_still_there_to_be_judged() -> None:
    now, then = schemas(), json.loads(RECORD.read_text())
    assert {*JUDGED} <= {f"{kind}{sentence}" for kind in then for sentence in narrower(then[kind], now[kind])}


OLD: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "properties": {
        "a": {"type": "integer", "minimum": 0, "maximum": 9},
        "b": {"type": "string", "enum": ["x", "y"], "nullable": True},
        "c": {"type": "array", "items": {"type": "string", "maxLength": 5}},
        "d": {"type": "object", "additionalProperties": {"type": "string"}},
        "e": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


def changed(name: str, **fields: Any) -> dict[str, Any]:
    """The schema with fields of a property replaced; those that are None are left out."""
    new = {key: value for key, value in {**OLD["properties"][name], **fields}.items() if value is not None}
    return {**OLD, "properties": {**OLD["properties"], name: new}}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (changed("a", type="string"), ".a is of type string and was integer"),
        (changed("a", maximum=8), ".a has maximum 8 and had 9"),
        (changed("a", minimum=1), ".a has minimum 1 and had 0"),
        (changed("b", maxLength=3), ".b has maxLength 3 and had none"),
        (changed("b", pattern="^x"), ".b has another pattern"),
        (changed("b", enum=["x"]), ".b is no longer y"),
        (changed("a", enum=[1]), ".a is no longer others"),
        (changed("b", nullable=None), ".b is no longer nullable"),
        (changed("c", items={"type": "string", "maxLength": 4}), ".c[] has maxLength 4 and had 5"),
        (changed("d", additionalProperties=None), ".d[] is dropped"),
        (
            changed("e", **{"x-kubernetes-preserve-unknown-fields": None}),
            ".e is no longer x-kubernetes-preserve-unknown-fields",
        ),
        ({**OLD, "required": ["a", "b"]}, ". requires b"),
        ({**OLD, "x-kubernetes-validations": [{"rule": "self.a > 1"}]}, ". has the rule self.a > 1"),
        ({**OLD, "properties": {"a": OLD["properties"]["a"]}}, ".b is dropped"),
    ],
)
def test_what_is_narrower_is_found(new: dict[str, Any], said: str) -> None:
    assert said in list(narrower(OLD, new))


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        changed("a", maximum=10, minimum=None),
        changed("b", enum=["x", "y", "z"]),
        changed("b", enum=None),
        {**OLD, "properties": {**OLD["properties"], "new": {"type": "string", "pattern": "^x"}}},
        {**OLD, "required": []},
    ],
)
def test_what_is_wider_is_let_through(new: dict[str, Any]) -> None:
    assert list(narrower(OLD, new)) == []
