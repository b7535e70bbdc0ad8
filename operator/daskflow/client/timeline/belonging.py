"""Which objects are a run's, by what its status names: pods that are gone have no labels any more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, LABEL_ATTEMPT, LABEL_CLUSTER

Object = Mapping[str, Any]


def attempts_of(run: Object) -> list[Object]:
    """Of its status, those that can be read."""
    status = run.get("status")
    attempts = status.get("attempts") if isinstance(status, Mapping) else None
    return [each for each in attempts or () if isinstance(each, Mapping)]


def harmless(event: Object) -> bool:
    """Whether it only says that a pod has not started yet."""
    return event.get("reason") == "Unhealthy" and str(event.get("message")).startswith("Startup probe failed")


@dataclass(frozen=True)
class Family:
    """The names of what is a run's."""

    run: str
    clusters: Mapping[str, int]
    """Attempts by the name of their DaskCluster, of which the names of their pods begin with."""
    pods: Mapping[str, int]
    """Attempts by the name of a pod; 0 where it is not known of which."""

    def attempt(self, pod: str) -> int | None:
        """To which a pod of this name belongs, None for a stranger's."""
        if pod in self.pods:
            return self.pods[pod]
        return next((number for base, number in self.clusters.items() if pod.startswith(f"{base}-")), None)

    def title(self, pod: str) -> str:
        """A pod's name without what all of an attempt have in common."""
        base = next((base for base in self.clusters if pod.startswith(f"{base}-")), "")
        if not base and pod.endswith("-runner"):
            return "runner"
        return pod[len(base) + 1 :] if base else pod

    def concerns(self, event: Object) -> bool:
        """Whether an Event is about the run, its cluster or a pod of it."""
        about = event.get("involvedObject") or {}
        kind, name = about.get("kind"), str(about.get("name") or "")
        if kind == FLOW_RUN:
            return name == self.run
        if kind == DASK_CLUSTER:
            return name in self.clusters
        return kind == "Pod" and self.attempt(name) is not None


def family(run: Object, pods: Iterable[Object] = ()) -> Family:
    """Of a FlowRun, with the pods that have its label."""
    attempts = attempts_of(run)
    clusters = {str(each["cluster"]): _number(each.get("number")) for each in attempts if each.get("cluster")}
    named: dict[str, int] = {}
    for each in attempts:
        if isinstance(runner := each.get("runner"), Mapping) and runner.get("pod"):
            named[str(runner["pod"])] = _number(each.get("number"))
    for pod in pods:
        labels = pod["metadata"].get("labels") or {}
        number = _number(labels.get(LABEL_ATTEMPT)) or clusters.get(str(labels.get(LABEL_CLUSTER)), 0)
        named[str(pod["metadata"]["name"])] = number
    return Family(str(run["metadata"]["name"]), clusters, named)


def _number(text: object) -> int:
    try:
        return int(text) if isinstance(text, str | int) else 0
    except ValueError:
        return 0
