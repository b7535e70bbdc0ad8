"""What was read from a part of an object, for as long as that very part is looked at again.

A run is planned some fifty times, and its spec and status are other ones four times. Objects that are known
are never changed, only replaced: so a part that is the same object says what it said.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

Read = TypeVar("Read")

MOST = 512
"""Parts that are remembered; the oldest goes first. Some KB each."""


class Momentary(dict[str, Any]):
    """A part that is made anew whenever it is looked at, since it is too large to be kept."""


class Remembered(Generic[Read]):
    """A pure function of a JSON object. What it raises is raised each time."""

    def __init__(self, read: Callable[[Mapping[str, Any]], Read], most: int = MOST) -> None:
        self._read = read
        self._most = most
        self._known: dict[int, tuple[Mapping[str, Any], Read]] = {}

    def __call__(self, part: Mapping[str, Any]) -> Read:
        """What it says of this part."""
        known = self._known.get(id(part))  # unique as long as the part is kept, as it is in here
        if known is not None:
            return known[1]
        found = self._read(part)
        if isinstance(part, Momentary):
            return found
        while len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[id(part)] = part, found
        return found
