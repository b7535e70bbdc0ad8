"""Which keys' plans rest on a status that somebody else wrote; `refresh` says why that matters."""

from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.plan.model import Key, Object


class Trust:
    """Each key is trusted until another process's status is seen, on it or on what it plans from."""

    def __init__(self) -> None:
        self._unsure: set[Key] = set()
        self._expected: dict[Key, object] = {}

    def expect(self, key: Key, status: object) -> None:
        """We are about to write this status: whoever tells of it, it is ours."""
        self._expected[key] = status

    def foreign(self, key: Key, body: Object, before: Object | None) -> bool:
        """Whether this is a status that another process wrote, or wrote before this one began.

        `before` is the same object as it was, if it was known.
        """
        if KINDS[key.kind].seen != "custom":
            return False
        status = body.get("status") or {}
        if not set(status) - {"observedGeneration"}:
            return False  # as the API server creates it
        return status != (before or {}).get("status") and status != self._expected.get(key)

    def unsure(self, key: Key) -> bool:
        """Whether somebody else wrote a status that plans for this key rest on."""
        return key in self._unsure

    def doubt(self, key: Key) -> None:
        """Such a status was seen, or the list that was to be newer failed."""
        self._unsure.add(key)

    def restore(self, key: Key | None = None) -> None:
        """A list of children that begins now will be newer than any status known now (None: of any key)."""
        self._unsure.clear() if key is None else self._unsure.discard(key)

    def forget(self, key: Key) -> None:
        """The object is gone; the next of this name has a status of its own."""
        self._expected.pop(key, None)
        self._unsure.discard(key)
