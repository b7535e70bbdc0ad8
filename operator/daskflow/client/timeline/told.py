"""What Events tell of a run."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from daskflow.client.timeline.belonging import Family, Object, harmless
from daskflow.client.timeline.model import Mark
from daskflow.client.timeline.times import of_event


class Told(NamedTuple):
    """One Event."""

    at: datetime
    kind: str
    name: str
    warning: bool
    reason: str
    message: str

    @property
    def mark(self) -> Mark:
        """The same on a row."""
        return Mark(self.at, self.warning, self.reason, self.message, f"{self.kind} {self.name}")


def told(events: Iterable[Object], kin: Family) -> list[Told]:
    """Those about a run and what is its own, in order of time."""
    found = []
    for event in events:
        if kin.concerns(event) and not harmless(event) and (at := of_event(event)):
            about = event["involvedObject"]
            words = (str(event.get(key) or "") for key in ("reason", "message"))
            found.append(
                Told(at, str(about["kind"]), str(about["name"]), event.get("type") == "Warning", *words)
            )
    return sorted(found, key=lambda each: each.at)
