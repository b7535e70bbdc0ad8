"""What is run under fire: lives of the simulation with all kinds of ends, and one more that scales."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from daskflow.api.names import FLOW_RUN
from daskflow.plan.model import Key

from tests.simulation.scenarios import SCENARIOS, Scenario
from tests.simulation.scenarios.ingredients import LONG

if TYPE_CHECKING:
    from tests.fire.ground import Ground

RETENTION = {
    "pods": {"onSuccess": "0s", "onFailure": "3s"},
    "runner": {"onSuccess": "3s", "onFailure": "5s"},
}
AUTOSCALED = Scenario(
    "autoscaled",
    ("Succeeded",),
    {"cluster": {"workers": {"autoscale": {"minimum": 1, "maximum": 3, "scaleDownDelay": "5s"}}}},
    flows=LONG,
)


def _of_pool(name: str, otherwise: str = "Start") -> Scenario:
    """The same of a run that claims a cluster of the pool."""
    scenario = SCENARIOS[name]
    pool = {"image": None, "cluster": None, "pool": {"name": "pool", "otherwise": otherwise}}
    return replace(scenario, name=f"{name}, of a pool", spec={**scenario.spec, **pool})


KINDS: tuple[Scenario, ...] = tuple(
    replace(scenario, spec={**scenario.spec, "retention": RETENTION})
    for scenario in (
        SCENARIOS["success"],
        _of_pool("success", "Wait"),
        SCENARIOS["failure"],
        SCENARIOS["retry"],
        SCENARIOS["cancel while running"],
        _of_pool("retry"),
        SCENARIOS["suspend while starting"],
        SCENARIOS["delete while running"],
        SCENARIOS["alone"],
        _of_pool("delete while running"),
        AUTOSCALED,
        SCENARIOS["cancel while starting"],
        SCENARIOS["delete while starting"],
        SCENARIOS["alone, retry"],
        SCENARIOS["retries used up"],
        SCENARIOS["delete and create again"],
        SCENARIOS["more workers"],
    )
)


@dataclass
class Story:
    """One run. It is what actions and invariants of the simulation take for their world."""

    ground: "Ground"
    scenario: Scenario
    name: str
    seen: bool = False
    """Whether the API server has told of it."""
    only: str | None = None

    @cached_property
    def key(self) -> Key:
        """Its FlowRun."""
        return Key(FLOW_RUN, "default", self.name)

    @property
    def subjects(self) -> tuple[Key, ...]:
        """What the user has made."""
        return (self.key,)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """As its user writes it."""
        return self.scenario.manifest(self.name)

    def __getattr__(self, name: str) -> Any:
        # server, nodes, watcher, case: one for all stories.
        return getattr(self.ground, name)
