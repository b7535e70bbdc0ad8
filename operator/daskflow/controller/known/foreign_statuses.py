"""Statuses that another process wrote: which plans wait for newer lists, and which statuses are put back.

`freshness` says why lists matter, `plan.hand_edits` what is put back.
"""

from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.controller.kubernetes.verbs import controller_of
from daskflow.plan.hand_edits import follows
from daskflow.plan.model import Key, Object


class ForeignStatuses:
    """Which keys' plans rest on a status that somebody else wrote, on the object itself or on a child."""

    def __init__(self) -> None:
        self._unlisted: set[Key] = set()
        self._doubtful: set[Key] = set()
        self._expected: dict[Key, object] = {}

    def expect(self, key: Key, status: object) -> None:
        """We are about to write this status: whoever tells of it, it is ours."""
        self._expected[key] = status

    def is_foreign(self, key: Key, body: Object, before: Object | None) -> bool:
        """Whether this is a status that another process wrote, or wrote before this one began.

        `before` is the same object as it was, if it was known.
        """
        if KINDS[key.kind].seen != "custom":
            return False
        status = body.get("status") or {}
        if not set(status) - {"observedGeneration"}:
            return False  # as the API server creates it
        return status != (before or {}).get("status") and status != self._expected.get(key)

    def needs_list(self, key: Key) -> bool:
        """Whether children are to be listed before this key is planned for."""
        return key in self._unlisted

    def require_list(self, key: Key) -> None:
        """Such a status was seen, or the list that was to be newer failed."""
        self._unlisted.add(key)
        self._doubtful.add(key)

    def changes_hands(self, key: Key, body: Object, before: Object | None) -> bool:
        """Whether other plans rest on its status from now on, and what that speaks of may not be known."""
        owner, was = (controller_of(each) if each else None for each in (body, before))
        return key in self._doubtful and before is not None and owner != was

    def listed(self, key: Key | None = None) -> None:
        """A list is there that was newer than any status known when it began (None: of any key)."""
        done = self._doubtful if key is None else {key}
        self._doubtful -= done - self._unlisted

    def list_begins(self, key: Key | None = None) -> None:
        """A list of children that begins now will be newer than any status known now (None: of any key)."""
        self._unlisted.clear() if key is None else self._unlisted.discard(key)

    def forget(self, key: Key) -> None:
        """The object is gone; the next of this name has a status of its own."""
        self._expected.pop(key, None)
        self._unlisted.discard(key)
        self._doubtful.discard(key)


class HandEdits:
    """By key: the last status that followed from all before it, as long as another one is in its place.

    Only what was set back while this operator looked: it has no other memory of what was.
    """

    def __init__(self) -> None:
        self._before: dict[Key, Object] = {}

    def note(self, key: Key, body: Object, before: Object | None, *, foreign: bool) -> None:
        """A new state of an object is known; `before` is the same object as it was, if it was known.

        `foreign`: another process wrote its status.
        """
        if KINDS[key.kind].seen != "custom" or before is None:
            return
        was, status = before.get("status") or {}, body.get("status") or {}
        if status == was:
            return
        good: Object = self._before.get(key) or was
        # One that is as the API server makes it is nobody's, and none that an operator writes.
        wiped = not set(status) - {"observedGeneration"}
        if (foreign or wiped) and not follows(key.kind, good, status):
            self._before[key] = good
        else:
            self._before.pop(key, None)

    def before(self, key: Key) -> Object | None:
        """The status as it was before somebody's edit, which is to be written again."""
        return self._before.get(key)

    def forget(self, key: Key) -> None:
        """The object is gone."""
        self._before.pop(key, None)
