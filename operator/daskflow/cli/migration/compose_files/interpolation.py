"""What Docker Compose makes of a file before it reads it: variables, and the files they may stand in."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<how>:?[-?+])(?P<other>[^}]*))?\})"
)


def interpolated(value: Any, variables: Mapping[str, str], missing: set[str]) -> Any:
    """A document with what `${NAME}` stands for; `missing` gets the names that stand for nothing."""
    if isinstance(value, dict):
        return {key: interpolated(child, variables, missing) for key, child in value.items()}
    if isinstance(value, list):
        return [interpolated(child, variables, missing) for child in value]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name = match["bare"] or match["name"]
        given, how, other = variables.get(name), match["how"] or "", match["other"] or ""
        there = given is not None and (bool(given) or ":" not in how)
        if how.endswith("+"):
            return other if there else ""
        if there:
            return given or ""
        if how.endswith("-"):
            return other
        missing.add(name)
        return ""

    return _REFERENCE.sub(put, value)


def variables_of(text: str) -> dict[str, str]:
    """Those of a file of `NAME=value` lines."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip() and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("'\"")
    return found


ReadFile = Callable[[str], str | None]
"""The text of a file that an input names, from where the input is; None where it cannot be read."""
