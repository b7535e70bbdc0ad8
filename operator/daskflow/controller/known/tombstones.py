"""What is known to be gone, so that whoever tells of it late is not believed."""

from collections import OrderedDict

from daskflow.plan.model import Key

TOMBSTONES = 20_000
"""How many deleted uids are remembered. An event can be late by minutes; 100 pods a second end at most."""


class Gone:
    """Objects whose deletion was seen, and lists that had all there was when they were taken."""

    def __init__(self) -> None:
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._complete: dict[tuple[str, str | None], int] = {}
        """By kind and namespace (None: all): the version of the newest list."""

    def bury(self, uid: str) -> None:
        """This object was deleted, or another has its name."""
        self._dead[uid] = None
        while len(self._dead) > TOMBSTONES:
            self._dead.popitem(last=False)

    def buried(self, uid: str) -> bool:
        """Whether this object is known to be deleted."""
        return uid in self._dead

    def completed(self, kind: str, namespace: str | None, version: int) -> None:
        """A whole list has been put: what is older and not known was gone by then, whoever still tells it."""
        self._complete[kind, namespace] = max(version, self._complete.get((kind, namespace), 0))

    def listed(self, key: Key) -> int:
        """The version of the newest list that would have had this key; -1 if there was none."""
        return max(self._complete.get((key.kind, where), -1) for where in (key.namespace, None))
