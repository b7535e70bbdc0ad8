"""An input as a tree that remembers what has become of each of its leaves: carried over, or named.

A `Node` is a value and where it stands. Whoever uses one says so; `Book.rest` has all that nobody spoke of,
so that nothing can be left out in silence. Null and empty containers are no leaves: they say nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from daskflow.api.wording import one_line

Path = tuple[str | int, ...]
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SHOWN = 70
"""Characters of a value that are repeated."""
MOST = 50_000
"""Values of one input, aliases written out."""
LEVELS = 60
"""Of an input."""
NO_FIELD = "for which daskflow has no field; do by hand what it did"


@dataclass(frozen=True)
class Computed:
    """What stands in a program where a constant was looked for: its text."""

    text: str

    def __str__(self) -> str:
        return self.text


class Finding(NamedTuple):
    """What became of a part of an input that has no place in the result."""

    where: str
    """The input, or the object in it."""
    field: str
    value: str
    """As it is repeated; empty: it is not."""
    why: str
    """Goes on after the value: what stands against it, and what to do."""
    lost: bool
    """False: nothing is missing for it, daskflow does this by itself."""

    def __str__(self) -> str:
        what = f"{self.field} is {self.value}, " if self.value else f"{self.field}, " if self.field else ""
        said = f"{self.where}: {what}{self.why}."
        return one_line(said.encode(errors="backslashreplace").decode())


@dataclass
class Book:
    """What was said of the leaves of one input."""

    where: str
    root: Any
    carried: set[Path] = field(default_factory=set)
    named: set[Path] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    @property
    def node(self) -> "Node":
        """The whole input."""
        return Node(self, (), self.root)

    def say(self, sentence: str, *, lost: bool = True) -> None:
        """Something that no one leaf says, without its full stop."""
        self.findings.append(Finding(self.where, "", "", sentence, lost))

    def rest(self) -> list["Node"]:
        """The largest parts of which nobody spoke."""
        found, _ = self._silent((), self.root)
        return found

    def _silent(self, path: Path, value: Any) -> tuple[list["Node"], bool]:
        """Those parts at or below `path`, and whether anything there was spoken of."""
        if path in self.carried or path in self.named:
            return [], True
        children = list(_children(value))
        if not children:
            return ([] if _empty(value) else [Node(self, path, value)]), False
        parts = [self._silent((*path, key), child) for key, child in children]
        found = [node for nodes, _ in parts for node in nodes]
        if any(spoken for _, spoken in parts) or not path:
            return found, any(spoken for _, spoken in parts)
        return ([Node(self, path, value)] if found else []), False


@dataclass(frozen=True)
class Node:
    """A value of an input, or the place where one could stand (None)."""

    book: Book = field(repr=False)
    path: Path
    value: Any

    @property
    def there(self) -> bool:
        """Whether it says anything."""
        return not _empty(self.value)

    @property
    def name(self) -> str:
        """Its own key."""
        return str(self.path[-1]) if self.path else ""

    @property
    def field(self) -> str:
        """Where it stands, as people write it."""
        return said(self.path)

    def get(self, *keys: str) -> "Node":
        """What stands below; a place without a value where there is nothing."""
        node = self
        for key in keys:
            value = node.value.get(key) if isinstance(node.value, Mapping) else None
            node = Node(self.book, (*node.path, key), value)
        return node

    def first(self, *keys: str) -> "Node":
        """That of several names of one thing which is there."""
        nodes = [self.get(key) for key in keys]
        return next((node for node in nodes if node.there), nodes[0])

    def entries(self) -> Iterator[tuple[str, "Node"]]:
        """What a mapping holds; of anything else nothing, which `rest` tells."""
        if isinstance(self.value, Mapping):
            for key in self.value:
                yield str(key), self.get(key)

    def items(self) -> list["Node"]:
        """What a list holds; of anything else nothing, which `rest` tells."""
        if not isinstance(self.value, list):
            return []
        return [Node(self.book, (*self.path, place), value) for place, value in enumerate(self.value)]

    def take(self) -> Any:
        """The value without nulls, carried over. Computed parts are named and left out."""
        self.book.carried.add(self.path)
        return self._plain()

    def peek(self) -> Any:
        """The value without nulls and computed parts, of which nothing is said yet."""
        return _without(self.value)

    def lose(self, why: str = NO_FIELD) -> None:
        """It is not carried over; `why` goes on after the value."""
        self._name(why, lost=True)

    def ours(self, why: str) -> None:
        """It need not be carried over."""
        self._name(why, lost=False)

    def hush(self) -> None:
        """What became of it is said elsewhere."""
        self.book.named.add(self.path)

    def part(self, text: str, why: str, *, lost: bool = True) -> None:
        """A part of a text is not carried over."""
        self.book.named.add(self.path)
        self.book.findings.append(Finding(self.book.where, self.field, json.dumps(text), why, lost))

    def _name(self, why: str, *, lost: bool) -> None:
        if self.there:
            self.book.named.add(self.path)
            value = "" if not lost and isinstance(self.value, dict | list) else shown(self.value)
            self.book.findings.append(Finding(self.book.where, self.field, value, why, lost))

    def _plain(self) -> Any:
        for key, child in _children(self.value):
            below = Node(self.book, (*self.path, key), child)
            if isinstance(child, Computed) and below.path not in self.book.named:
                below.lose("which is computed; write its value into the result")
            elif isinstance(child, dict | list):
                below._plain()
        return _without(self.value)


def said(path: Path) -> str:
    """A path as people write it: `spec.containers[0].env`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step) or not text:
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text


def shown(value: Any) -> str:
    """A value as it is repeated, cut."""
    text = str(value) if isinstance(value, Computed) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def too_much(value: Any) -> str:
    """Why a value cannot be walked, as the rest of a sentence; empty if it can."""
    count, level = 0, [value]
    for _ in range(LEVELS):
        level = [child for each in level for _, child in _children(each)]
        count += len(level)
        if count > MOST:
            return f"has more than {MOST} values; give less in one file"
        if not level:
            return ""
    return f"is nested more than {LEVELS} levels deep; give less nested data"


def _children(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _empty(value: Any) -> bool:
    return (
        value is None
        or value in ({}, [])
        or (isinstance(value, dict | list) and all(_empty(child) for _, child in _children(value)))
    )


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: child for key, child in value.items() if not _gone(child)}
        return {str(key): _without(child) for key, child in kept.items()}
    if isinstance(value, list):
        return [_without(child) for child in value if not _gone(child)]
    return value


def _gone(value: Any) -> bool:
    return value is None or isinstance(value, Computed)
