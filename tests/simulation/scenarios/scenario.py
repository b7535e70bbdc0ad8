"""What a scenario is: runs, how their flows go attempt by attempt, and what happens meanwhile."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN
from daskflow.plan.model import Key

from tests.simulation.actions import Action

RUN = Key(FLOW_RUN, "default", "run")


@dataclass(frozen=True)
class Scenario:
    """`phases` are the phases that are right at the end (empty: the object is to be gone)."""

    name: str
    phases: tuple[str, ...]
    spec: Mapping[str, Any] = field(default_factory=dict)
    flows: tuple[Mapping[str, Any], ...] = ({},)
    """One an attempt, the last for all further ones; see `runtime.Script`."""
    actions: tuple[tuple[float, Action], ...] = ()
    """At these virtual seconds."""
    seconds: float = 900.0
    """In which the run must have ended once faults have stopped; a dropped event may add a relist."""
    swift: float = 200.0
    """The same in a case without faults, where nothing has to be healed by chance."""
    edited: bool = False
    """Whether somebody takes away what status says of the flow's end."""
    disturbed: tuple[str, ...] = ()
    """Phases that are right as well where faults come: what somebody, or an old definition, took from a
    status only an operator that had seen it can know."""
    calm: bool = False
    """Whether storms by chance leave it out: an operator that dies, or hears late, while somebody lies to it
    in a status or takes an object's labels cannot know what was so before."""
    aftermath: float = 0.0
    """How much longer it takes until nodes that are lost for good are said to be."""
    runs: int = 1
    kind: str = FLOW_RUN
    workers: int = 0
    """How many workers live at the end (a standalone DaskCluster does not end by itself)."""
    garbage: tuple[float, float] = (0.05, 3.0)
    """How late garbage collection is."""
    core: bool = False
    """Whether `make test` tries every disturbance of it (the others: by chance, and with `--all`)."""
    attempts: int = 0
    """How many there must have been, in a case without faults."""
    groups: Mapping[str, int] = field(default_factory=dict)
    """How many workers of each group status must desire at the end."""
    most_workers: int = 0
    """How many may be made in all, in a case without faults."""
    errors: bool = False
    """Whether calls of the operator fail though nothing disturbs it."""
    defaults: tuple[Mapping[str, Any], ...] = ({},)
    """What the installation gives: one an operator, in turns, so that each restart brings others."""
    namespace_defaults: bool = False
    """Whether operators look for defaults of the namespace."""
    pools: bool = False
    """Whether there are ClusterPools, which the scenario's actions make and delete."""
    claimed: int | None = None
    """How many attempts had a cluster that waited, in a case without faults."""
    reported: bool = False
    """Whether the status must have a report at the end, in a case without faults."""
    reason: str = ""
    """What the status must give as reason at the end, in a case without faults."""

    def defaults_of(self, number: int) -> Mapping[str, Any]:
        """What this operator gives, the first being 1."""
        return self.defaults[(number - 1) % len(self.defaults)]

    @property
    def subjects(self) -> tuple[Key, ...]:
        """The objects that the user makes."""
        names = [RUN.name, *(f"{RUN.name}-{number}" for number in range(2, self.runs + 1))]
        return tuple(Key(self.kind, RUN.namespace, name) for name in names)

    def manifest(self, name: str = RUN.name) -> dict[str, Any]:
        """One of them as its user writes it, and the caller's own to change."""
        return {
            "apiVersion": API_VERSION,
            "kind": self.kind,
            "metadata": {"name": name, "namespace": RUN.namespace},
            "spec": {
                name: deepcopy(value)
                for name, value in {**(_CLUSTER if self.kind == DASK_CLUSTER else _RUN), **self.spec}.items()
                if value is not None
            },
        }

    def of(self, key: Key | None) -> "Scenario":
        """What is to be of this subject."""
        return self

    def run(self) -> dict[str, Any]:
        """The only one."""
        return self.manifest()


_RUN: Mapping[str, Any] = {
    "image": "registry.example/flows:1",
    "flow": {"entrypoint": "flows:flow"},
    "cluster": {"workers": {"replicas": 2}},
    "retention": {
        "pods": {"onSuccess": "0s", "onFailure": "1m"},
        "runner": {"onSuccess": "1m", "onFailure": "2m"},
    },
}
_CLUSTER: Mapping[str, Any] = {"image": "registry.example/flows:1", "workers": {"replicas": 2}}
