"""Namespaces that are being deleted: nothing can be made or told in them, and nothing need be.

That one is, is known only from what its API server answers to a create, an Event's as well.
"""

import asyncio
from datetime import datetime, timedelta

from daskflow.api.conditions import instant
from daskflow.plan.deletion import deleting
from daskflow.plan.model import Object

SECONDS = 60.0
"""For how long it is believed. Normally the namespace is gone by then; a finalizer may keep it for days."""


class TerminatingNamespaces:
    """Remembers them, by name."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, datetime]] = {}
        """Until when (loop's clock), and when it was last found out."""

    def found(self, namespace: str, now: datetime) -> None:
        """A create was refused there for this reason."""
        at = asyncio.get_running_loop().time()
        self._found = {name: found for name, found in self._found.items() if found[0] > at}
        self._found[namespace] = (at + SECONDS, now)

    def seconds_left(self, resource: Object) -> float:
        """For how long the resource is to be left in peace; 0: it is not.

        Namespaces that are being deleted take nothing new: whatever is younger lives in another of that name.
        """
        until, found = self._found.get(resource["metadata"]["namespace"], (0.0, None))
        if found is None or _younger(resource, found):
            return 0.0
        return max(0.0, until - asyncio.get_running_loop().time())

    def pause(self, resource: Object) -> float:
        """The same of plans: whoever holds a deleted object back by a finalizer waits for its last status."""
        return 0.0 if deleting(resource) else self.seconds_left(resource)


def _younger(resource: Object, than: datetime) -> bool:
    made = resource["metadata"].get("creationTimestamp")
    return made is not None and instant(made) > than + timedelta(seconds=1)
