"""Statuses that somebody set back while this operator looked, and what they were: see `plan.hand_edits`."""

from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.plan.hand_edits import follows
from daskflow.plan.model import Key, Object


class Journal:
    """By key: the last status that followed from all before it, as long as another one is in its place."""

    def __init__(self) -> None:
        self._lost: dict[Key, Object] = {}

    def see(self, key: Key, body: Object, before: Object | None, *, foreign: bool) -> None:
        """A new state of an object is known; `before` is the same object as it was, `foreign` as of Trust."""
        if KINDS[key.kind].seen != "custom" or before is None:
            return
        was, status = before.get("status") or {}, body.get("status") or {}
        if status == was:
            return
        good: Object = self._lost.get(key) or was
        # One that is as the API server makes it is nobody's, and none that an operator writes.
        wiped = not set(status) - {"observedGeneration"}
        if (foreign or wiped) and not follows(key.kind, good, status):
            self._lost[key] = good
        else:
            self._lost.pop(key, None)

    def lost(self, key: Key) -> Object | None:
        """The status that is to be written again."""
        return self._lost.get(key)

    def forget(self, key: Key) -> None:
        """The object is gone."""
        self._lost.pop(key, None)
