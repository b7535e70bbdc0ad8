"""Keys by what their objects have in common."""

from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

from daskflow.plan.model import Key

By = TypeVar("By", bound=Hashable)


class Index(Generic[By]):
    """Keys in the order in which they were added; under None nothing is kept."""

    def __init__(self) -> None:
        self._keys: dict[By, dict[Key, None]] = {}

    def add(self, by: By | None, key: Key) -> None:
        """It is not under this yet."""
        if by is not None:
            self._keys.setdefault(by, {})[key] = None

    def remove(self, by: By | None, key: Key) -> None:
        """It is under this."""
        if by is not None:
            keys = self._keys[by]
            del keys[key]
            if not keys:
                del self._keys[by]

    def at(self, by: By) -> Collection[Key]:
        """All under this."""
        return self._keys.get(by, {}).keys()
