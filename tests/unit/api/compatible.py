"""Whether a definition takes all that an earlier one took: what is stored or in files stays valid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daskflow.api.crd import KINDS

RECORD = Path(__file__).with_name("recorded.json")
Schema = dict[str, Any]

_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "minLength", "minItems", "minProperties")
_SAME = ("pattern", "format", "multipleOf", "oneOf", "anyOf", "allOf", "not", "x-kubernetes-list-type")
"""No narrower is told from a wider one, so that any change of these has to be looked at."""


def schemas() -> dict[str, Schema]:
    """Of each kind, by version, without descriptions."""
    return {
        f"{kind.name} {version['name']}": _bare(version["schema"]["openAPIV3Schema"])
        for kind in KINDS
        for version in kind.definition["spec"]["versions"]
    }


def narrower(old: Schema, new: Schema, path: str = "") -> Iterator[str]:
    """What the new one refuses, or drops, that the old one took: a sentence each, beginning with its path."""
    where = path or "."
    if old.get("type") != new.get("type") and "type" in new:
        yield f"{where} is of type {new['type']} and was {old.get('type')}"
    yield from _bounds(old, new, where)
    for name in _SAME:
        if name in new and new[name] != old.get(name):
            yield f"{where} has another {name}"
    if "enum" in new and (gone := [each for each in old.get("enum", ["others"]) if each not in new["enum"]]):
        yield f"{where} is no longer {', '.join(map(str, gone))}"
    for name in ("nullable", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"):
        if old.get(name) and not new.get(name):
            yield f"{where} is no longer {name}"
    for name in sorted({*new.get("required", ())} - {*old.get("required", ())}):
        if "default" not in new.get("properties", {}).get(name, {}):
            yield f"{where} requires {name}"
    known = {rule["rule"] for rule in old.get("x-kubernetes-validations", ())}
    for rule in new.get("x-kubernetes-validations", ()):
        if rule["rule"] not in known:
            yield f"{where} has the rule {rule['rule']}"
    for name, below in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from narrower(below, new["properties"][name], f"{path}.{name}")
        elif not new.get("x-kubernetes-preserve-unknown-fields"):
            yield f"{path}.{name} is dropped"
    for name in ("items", "additionalProperties"):
        if isinstance(old.get(name), dict):
            if isinstance(new.get(name), dict):
                yield from narrower(old[name], new[name], f"{path}[]")
            elif not new.get("x-kubernetes-preserve-unknown-fields"):
                yield f"{path}[] is dropped"


def _bounds(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for names, tighter in ((_UPPER, lambda was, now: now < was), (_LOWER, lambda was, now: now > was)):
        for name in names:
            unbounded = name in new and name not in old
            if unbounded or (name in new and tighter(old[name], new[name])):
                yield f"{where} has {name} {new[name]} and had {old.get(name, 'none')}"


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(each) for each in node]
    if not isinstance(node, dict):
        return node
    texts = ("description", "message", "messageExpression")
    return {key: _bare(value) for key, value in node.items() if not (key in texts and isinstance(value, str))}


if __name__ == "__main__":
    RECORD.write_text(json.dumps(schemas(), sort_keys=True, separators=(",", ":")) + "\n")
