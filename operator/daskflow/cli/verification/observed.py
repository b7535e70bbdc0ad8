"""What was seen of one check's objects, as plain data: all versions of each, in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_COMPONENT

Object = Mapping[str, Any]
PODS_ENDS = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Sighting:
    """One version of an object; the last one of an object that was deleted has `gone`."""

    object: Object
    gone: bool = False


@dataclass(frozen=True)
class Facts:
    """What holds for all checks of a verification."""

    image: str
    namespace: str
    beside: str
    """The second namespace, "" where there is none."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """What all runs and clusters are given, as in a FlowRun's spec."""
    python: str = ""
    distributed: str = ""
    """The version in the image, "" if it has none; likewise:"""
    prefect: str = ""


@dataclass(frozen=True)
class Observed:
    """All that a check goes by."""

    slug: str
    facts: Facts
    now: datetime
    histories: Mapping[str, Mapping[str, Sequence[Sighting]]] = field(default_factory=dict)
    """By kind and uid."""
    logs: str = ""
    listed: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    """By kind, what the last look found; of kinds that nobody watches."""

    def at(self, now: datetime) -> "Observed":
        """The same, at another time."""
        return replace(self, now=now)

    def name(self, part: str = "") -> str:
        """Of one of the check's objects."""
        return f"{self.slug}-{part}" if part else self.slug

    def versions(self, kind: str, part: str = "") -> list[Sighting]:
        """Of all objects of this name there ever were, oldest first."""
        wanted = self.name(part)
        return [
            each
            for history in self.histories.get(kind, {}).values()
            for each in history
            if each.object["metadata"]["name"] == wanted
        ]

    def get(self, kind: str, part: str = "") -> Object:
        """The newest version of what is there; empty where there is none."""
        seen = self.versions(kind, part)
        return seen[-1].object if seen and not seen[-1].gone else {}

    def there(self, kind: str) -> list[Object]:
        """All of a kind that are there."""
        return [history[-1].object for history in self._of(kind) if not history[-1].gone]

    def ever(self, kind: str) -> list[Object]:
        """The last version of each that ever was."""
        return [history[-1].object for history in self._of(kind)]

    def firsts(self, kind: str) -> list[Object]:
        """The first version of each that ever was."""
        return [history[0].object for history in self._of(kind)]

    def status(self, part: str = "", kind: str = FLOW_RUN) -> Mapping[str, Any]:
        """Of the newest version, also of one that is gone."""
        seen = self.versions(kind, part)
        return (seen[-1].object.get("status") or {}) if seen else {}

    def phases(self, part: str = "", kind: str = FLOW_RUN) -> list[str]:
        """Through which it has gone, each once in a row."""
        found: list[str] = []
        for each in self.versions(kind, part):
            phase = str((each.object.get("status") or {}).get("phase") or "")
            if phase and found[-1:] != [phase]:
                found.append(phase)
        return found

    def attempts(self, part: str = "") -> Sequence[Mapping[str, Any]]:
        """Of a run's status."""
        found: Sequence[Mapping[str, Any]] = self.status(part).get("attempts") or ()
        return found

    def pods(self, component: str = "", part: str = "", *, ever: bool = False) -> list[Object]:
        """Those that are there, or that ever were; `part` is which of the check's objects they are of."""
        start = self.name(part)
        found = self.ever("Pod") if ever else self.there("Pod")
        return [
            pod
            for pod in found
            if (not component or labels(pod).get(LABEL_COMPONENT) == component)
            and pod["metadata"]["name"].startswith(start)
        ]

    def living(self, component: str = "", part: str = "") -> list[Object]:
        """Pods that have not ended."""
        return [pod for pod in self.pods(component, part) if phase_of(pod) not in PODS_ENDS]

    def pod_histories(self, component: str = "") -> Iterator[Sequence[Sighting]]:
        """All versions of each pod that ever was."""
        for history in self._of("Pod"):
            if not component or labels(history[0].object).get(LABEL_COMPONENT) == component:
                yield history

    def events(self, reason: str) -> list[Object]:
        """Events with this reason about any of its objects."""
        return [event for event in self.ever("Event") if event.get("reason") == reason]

    def clusters(self) -> list[Object]:
        """DaskClusters that are there."""
        return self.there(DASK_CLUSTER)

    def _of(self, kind: str) -> list[Sequence[Sighting]]:
        return list(self.histories.get(kind, {}).values())


def labels(item: Object) -> Mapping[str, str]:
    """An object's labels."""
    found: Mapping[str, str] = item["metadata"].get("labels") or {}
    return found


def phase_of(item: Object) -> str:
    """Its status.phase."""
    return str((item.get("status") or {}).get("phase") or "")


def version(item: Object) -> int:
    """Its resourceVersion, by which writes to one API server can be ordered."""
    return int(item["metadata"]["resourceVersion"])
