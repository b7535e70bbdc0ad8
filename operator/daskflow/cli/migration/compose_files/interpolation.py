"""What Docker Compose makes of a file before it reads it: variables, and the files they may stand in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOW = re.compile(r":?[-?+]")
_LEVELS = 20
"""Of defaults in defaults."""


@dataclass
class Interpolation:
    """Puts in what `${NAME}` stands for, and keeps what cannot be put in."""

    variables: Mapping[str, str]
    missing: set[str] = field(default_factory=set)
    """Names that stand for nothing."""
    wrong: set[str] = field(default_factory=set)
    """Texts with a dollar sign that Compose refuses; they stay as they are."""

    def of(self, value: Any) -> Any:
        """A document with what its texts stand for."""
        if isinstance(value, dict):
            return {key: self.of(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self.of(child) for child in value]
        if not isinstance(value, str) or "$" not in value:
            return value
        try:
            found, _ = self._text(value, 0, 0)
        except ValueError:
            self.wrong.add(value)
            return value
        return found

    def _text(self, text: str, at: int, depth: int) -> tuple[str, int]:
        """What stands there up to the brace that ends it, or at depth 0 the text, and where that is."""
        if depth > _LEVELS:
            raise ValueError
        found = ""
        while at < len(text) and not (depth and text[at] == "}"):
            if text[at] != "$":
                found, at = found + text[at], at + 1
            elif text.startswith("$$", at):
                found, at = f"{found}$", at + 2
            elif text.startswith("${", at):
                put, at = self._braced(text, at + 2, depth)
                found += put
            elif name := _NAME.match(text, at + 1):
                found, at = found + self._value(name[0]), name.end()
            else:
                raise ValueError
        return found, at

    def _braced(self, text: str, at: int, depth: int) -> tuple[str, int]:
        name = _NAME.match(text, at)
        if not name:
            raise ValueError
        how = _HOW.match(text, name.end())
        if not how:
            if not text.startswith("}", name.end()):
                raise ValueError
            return self._value(name[0]), name.end() + 1
        given = self.variables.get(name[0])
        there = given is not None and (bool(given) or ":" not in how[0])
        counts = there if how[0].endswith("+") else not there
        # What a default says counts only where it is taken.
        inner = self if counts else Interpolation(self.variables)
        other, at = inner._text(text, how.end(), depth + 1)
        if not text.startswith("}", at):
            raise ValueError
        if how[0].endswith("?") and not there:
            self.missing.add(name[0])
            other = ""
        if how[0].endswith("+"):
            return other if there else "", at + 1
        return (given or "") if there else other, at + 1

    def _value(self, name: str) -> str:
        if name not in self.variables:
            self.missing.add(name)
        return self.variables.get(name, "")


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
