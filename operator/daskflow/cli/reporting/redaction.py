"""Takes secrets out of what is to be shown to others.

What is a secret is known by the name of a setting, or by its shape. A value that was found out to be one in
any object is taken out wherever it comes up again: in logs, messages, other objects.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from daskflow.cli.reporting.secret_names import (
    IN_TEXT,
    REFERENCES,
    SHAPES,
    USERS_OWN,
    secret_field,
    secret_name,
    secret_option,
)

MARK = "[redacted]"
_SHORTEST = 5
"""Letters of a value that is looked for everywhere: shorter ones are in other words by chance."""
_HARMLESS = frozenset(("true", "false", "none", "null", "", "|", ">", "|-", ">-", "|+", ">+"))
"""With the marks of a block in YAML, whose lines are what counts."""
_DROPPED = frozenset(("managedFields", "kubectl.kubernetes.io/last-applied-configuration"))


class Redactor:
    """Knows the secrets of some objects."""

    def __init__(self, objects: Iterable[Any] = ()) -> None:
        self._learning = True
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for each in objects:
            self._walk(each, own=False)
        # A log has a timestamp before each line of a value.
        values = {each for value in self._known for each in (value, *map(str.strip, value.splitlines()))}
        forms = sorted({form for value in values for form in _forms(value)}, key=len, reverse=True)
        if forms:
            self._pattern = re.compile("|".join(map(re.escape, forms)))
        self._learning = False
        self.count = 0
        """How many were taken out."""

    def object(self, value: Any) -> Any:
        """A copy of plain data without secrets, and without what only servers read."""
        return self._walk(value, own=False)

    def text(self, text: str) -> str:
        """The same of a text."""
        if self._pattern:
            text = self._pattern.sub(self._marked, text)
        for shape in SHAPES:
            text = shape.sub(self._marked, text)
        for pattern in IN_TEXT:
            text = pattern.sub(self._replaced, text)
        return text

    def _marked(self, _: re.Match[str]) -> str:
        self.count += 1
        return MARK

    def _replaced(self, found: re.Match[str]) -> str:
        secret = found["secret"]
        inner = secret.strip("\\\"'")
        if inner.lower() in _HARMLESS or not inner.replace(MARK, "").strip():
            return found[0]
        quotes = secret[: len(secret) - len(secret.lstrip("\\\"'"))]
        return f"{found['before']}{quotes}{self._marked(found)}{quotes}"

    def _learn_from(self, text: str) -> None:
        """What a script or an address gives away: quoted values, and the passwords of URLs."""
        for pattern in IN_TEXT:
            for found in pattern.finditer(text):
                secret = found["secret"]
                before, inner = found["before"].lower(), secret.strip("\\\"'")
                if "://" in before:
                    self._known.add(inner.partition(":")[2] or inner)
                elif secret[:1] in "\"'" or found.groupdict().get("sure") is not None:
                    self._known.add(inner)
                    if "authorization" in before:
                        self._known.update(inner.split()[1:])

    def _walk(self, value: Any, *, own: bool) -> Any:
        """`own`: names are the user's, not Kubernetes'."""
        if isinstance(value, Mapping):
            return self._mapping(value, own)
        if isinstance(value, list | tuple):
            return self._items(value, own)
        if not isinstance(value, str):
            return value
        if self._learning:
            self._learn_from(value)
            return value
        return self.text(value)

    def _mapping(self, value: Mapping[str, Any], own: bool) -> dict[str, Any]:
        made: dict[str, Any] = {}
        # A variable: its name stands beside its value.
        variable = isinstance(value.get("name"), str) and secret_name(value["name"])
        for key, item in value.items():
            name = str(key)
            if name in _DROPPED:
                continue
            below = (own or name in USERS_OWN) and name not in REFERENCES
            named = name not in USERS_OWN and (secret_name(name) if own else secret_field(name))
            if (
                (value.get("kind") == "Secret" and name in ("data", "stringData"))
                or (variable and name == "value")
                or (
                    named and (own or not isinstance(item, Mapping | list | tuple)) and name not in REFERENCES
                )
            ):
                made[key] = self._secret(item)
            else:
                made[key] = self._walk(item, own=below)
        return made

    def _items(self, items: Sequence[Any], own: bool) -> list[Any]:
        made = []
        words: list[str] = []
        for item in items:
            secret = isinstance(item, str) and bool(words) and secret_option(words, item)
            made.append(self._secret(item) if secret else self._walk(item, own=own))
            words.append(item if isinstance(item, str) else "")
        return made

    def _secret(self, value: Any) -> Any:
        """In place of a value that is one, or of all values below it."""
        if isinstance(value, Mapping):
            return {key: self._secret(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._secret(item) for item in value]
        if isinstance(value, bool) or str(value or "").lower() in _HARMLESS:
            return value
        if self._learning:
            self._known.add(str(value))
            return value
        self.count += 1
        return MARK


def _forms(value: str) -> Iterable[str]:
    """How a value may be written elsewhere."""
    if len(value) < _SHORTEST or value.lower() in _HARMLESS:
        return ()
    coded = base64.b64encode(value.encode()).decode()
    escaped = json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]
    return {value, value.strip(), quote(value, safe=""), *escaped, coded.rstrip("=")} - {""}
