"""A flow's result as JSON that a status can hold: exact, or as text with a note, or left out with a note.

Kubernetes keeps integers of 64 bits and doubles, and rounds all others without a word.
"""

from __future__ import annotations

import datetime
import enum
import json
import os
from collections.abc import Mapping
from typing import Any

from ..record import cut

LIMIT = 3072
"""Bytes of JSON a result may take in the record."""
DEPTH = 50
_TEXT_MODULES = ("decimal", "fractions", "uuid")
"""Their types' str() is exact."""


class TooLarge(Exception):
    """It takes more than LIMIT bytes."""


class NotJson(Exception):
    """It has no form in JSON; the text, if any, is a sentence about why."""


class TooBig:
    """In place of a value that is left where it is."""


def became(value: Any, known: Mapping[int, tuple[Any, Any]]) -> Any:
    """What came of it in the end; of a future that is its own result, the future."""
    seen = set()
    while id(value) in known and id(value) not in seen:
        seen.add(id(value))
        value = known[id(value)][1]
    return value


class Values:
    """What a generator yielded, as far as a result can hold it; `count`: of all."""

    def __init__(self) -> None:
        self.count = 0
        self.items: list[Any] = []
        self.problem: Exception | None = None
        self.plain = Plain({})
        self.returned = False

    def keep(self, value: Any, known: Mapping[int, tuple[Any, Any]]) -> None:
        """The next one; it is not kept once there is more than a result can hold."""
        self.count += 1
        if self.problem is None:
            self.plain.known = known
            try:
                self.items.append(self.plain.of(value, 1))
            except Exception as error:
                self.problem, self.items = error, []


class Plain:
    """Values in JSON's own types; `known` has what became of futures and their like, by id."""

    def __init__(self, known: Mapping[int, tuple[Any, Any]]) -> None:
        self.known = known
        self.texts: dict[str, None] = {}
        """What is text that was none."""
        self.left = LIMIT
        """The room that remains, so that a huge value is not walked."""

    def of(self, value: Any, depth: int = 0) -> Any:
        """Raises TooLarge or NotJson."""
        value = became(value, self.known)
        sized = isinstance(value, (str, list, tuple, set, frozenset, dict))
        self.left -= len(value) if sized else 1
        if self.left < 0 or isinstance(value, TooBig):
            raise TooLarge
        if depth > DEPTH:
            raise NotJson(f"is nested more than {DEPTH} levels deep")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, enum.Enum):
            return self.of(value.value, depth + 1)
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, int):
            return self._integer(int(value))
        if isinstance(value, float):
            if abs(value) < float("inf"):
                return float(value)
            return self._text(str(float(value)), "nan and infinity")
        return self._held(value, depth + 1)

    def _held(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, (set, frozenset)):
            return [self.of(item, depth) for item in sorted(value, key=repr)]
        if isinstance(value, (list, tuple)):
            return [self.of(item, depth) for item in value]
        if isinstance(value, Values):
            if value.problem is not None:
                raise value.problem
            self.texts.update(value.plain.texts)
            return self.of(value.items, depth)
        if isinstance(value, (datetime.date, datetime.time)):
            return value.isoformat()
        if isinstance(value, (datetime.timedelta, os.PathLike)):
            return str(value)
        if type(value).__module__ in _TEXT_MODULES:
            return self._text(str(value), type(value).__name__)
        fields = getattr(value, "__dataclass_fields__", None)
        if fields is not None and not isinstance(value, type):
            return {name: self.of(getattr(value, name), depth) for name in fields}
        if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
            return self._numpy(value, depth)
        raise NotJson

    def _numpy(self, value: Any, depth: int) -> Any:
        if getattr(value, "size", 1) > LIMIT:
            raise TooLarge
        if getattr(getattr(value, "dtype", None), "kind", None) in ("m", "M"):
            value = value.astype(str)  # nanoseconds would become integers
        listed = value.tolist()
        if type(listed) is type(value):  # a long double
            return self._text(str(value), type(value).__name__)
        return self.of(listed, depth)

    def _object(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in value.items():
            name = self.of(key, depth)
            if not isinstance(key, str):
                name = self._text(name if isinstance(name, str) else json.dumps(name), "keys")
            if name in found:
                raise NotJson(f"has two keys that are {cut(name, 60)!r} as text")
            found[name] = self.of(item, depth)
        return found

    def _integer(self, value: int) -> Any:
        if -(2**63) <= value < 2**63:
            return value
        if value.bit_length() > 4 * LIMIT:
            raise TooLarge
        return self._text(str(value), "integers beyond 64 bits")

    def _string(self, value: str) -> str:
        try:
            value.encode()
        except UnicodeEncodeError:  # lone surrogates
            return self._text(value.encode("utf-8", "backslashreplace").decode(), "what is not Unicode")
        return str(value)

    def _text(self, text: str, what: str) -> str:
        self.left -= len(text)
        self.texts[what] = None
        return text


def as_fields(value: Any, known: Mapping[int, tuple[Any, Any]]) -> dict[str, Any]:
    """`result` and `resultNote`, if there are any. Never raises, whatever the value's own methods do."""
    plain = Plain(known)
    try:
        result = plain.of(value)
        if len(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace")) > LIMIT:
            raise TooLarge
    except TooLarge:
        more = "takes more than 3 KiB as JSON: write it to storage and return where it is."
        return {"resultNote": f"{_describe(value, known)} {more}"}
    except Exception as error:
        why = str(error) if isinstance(error, NotJson) and str(error) else "is not JSON"
        more = "return numbers, texts, lists and dictionaries, or write it to storage and return where it is."
        return {"resultNote": f"{_describe(value, known)} {why}: {more}"}
    note = [f"Kept as text: {', '.join(plain.texts)}."] if plain.texts else []
    if any(isinstance(found, Values) and found.returned for _, found in known.values()):
        note.append("A generator's values are the result, and what it returned is left out.")
    return {"result": result, **({"resultNote": " ".join(note)} if note else {})}


def _describe(value: Any, known: Mapping[int, tuple[Any, Any]]) -> str:
    """Type and size: "The result, pandas.core.frame.DataFrame of shape (3, 4),"."""
    value = became(value, {one: pair for one, pair in known.items() if not isinstance(pair[1], TooBig)})
    if isinstance(value, Values):
        return f"The result, {value.count} values of a generator,"
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        size = f" of shape {tuple(value.shape)}" if hasattr(value, "shape") else f" of length {len(value)}"
    except Exception:
        size = ""
    return f"The result, {cut(name, 120)}{size},"
