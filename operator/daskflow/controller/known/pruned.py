"""What the API server kept of a status that we wrote, where its definition knows less than we do.

Plans go on from what was written: else they would write it for ever.
"""

import asyncio
from dataclasses import dataclass

from daskflow.controller.kubernetes.verbs import key_of
from daskflow.plan.model import Key, Object
from daskflow.plan.old_definitions import AGAIN, lossy, unfenced


@dataclass(frozen=True)
class _Pruned:
    uid: str
    sent: Object
    kept: Object
    until: float | None
    """By when (loop's clock) it is to be written again, for what must not be lost; None: never."""


class Pruned:
    """By key: the last such status."""

    def __init__(self) -> None:
        self._found: dict[Key, _Pruned] = {}

    def written(self, sent: Object, answer: Object) -> None:
        """A status was written, and this came back."""
        key, kept = key_of(answer), answer.get("status") or {}
        if not lossy(sent, kept):
            self._found.pop(key, None)
            return
        at = asyncio.get_running_loop().time() + AGAIN.total_seconds() if unfenced(sent, kept) else None
        self._found[key] = _Pruned(answer["metadata"]["uid"], sent, kept, at)

    def whole(self, resource: Object) -> Object:
        """The resource with the status as it was written, if nobody has written another since."""
        found = self._of(resource)
        return resource if found is None else {**resource, "status": found.sent}

    def unfenced(self, resource: Object) -> bool:
        """Whether uids are lost without which no flow may begin."""
        found = self._of(resource)
        return found is not None and found.until is not None

    def forget(self, key: Key) -> None:
        """The object is gone."""
        self._found.pop(key, None)

    def _of(self, resource: Object) -> _Pruned | None:
        found = self._found.get(key_of(resource))
        if found is None or found.uid != resource["metadata"]["uid"]:
            return None
        if found.until is not None and asyncio.get_running_loop().time() >= found.until:
            return None
        return found if resource.get("status") in (found.kept, found.sent) else None
