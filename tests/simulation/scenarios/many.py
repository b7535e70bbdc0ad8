"""Many runs at once: each has a life of its own, and none hurts another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daskflow.plan.model import Key

from tests.simulation.actions import Action
from tests.simulation.actions.user import change
from tests.simulation.scenarios.alone import ALONE
from tests.simulation.scenarios.ingredients import AT, FAILED, LONG, RETRY
from tests.simulation.scenarios.scenario import RUN, Scenario
from tests.simulation.scenarios.shared import HERE, ON_IT

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(frozen=True)
class ManyScenario(Scenario):
    """`members` say of each run, by name, what it is and how it is to end."""

    members: Mapping[str, Scenario] = field(default_factory=dict)

    @property
    def subjects(self) -> tuple[Key, ...]:
        """The runs."""
        return tuple(Key(self.kind, RUN.namespace, name) for name in self.members)

    def manifest(self, name: str = RUN.name) -> dict[str, Any]:
        """One of them as its user writes it."""
        return self.members[name].manifest(name)

    def of(self, key: Key | None) -> Scenario:
        """What is to be of this run."""
        return self if key is None else self.members[key.name]


def only(name: str, action: Action) -> Action:
    """The action, on one run alone."""

    def act(world: "World") -> None:
        world.only = name
        try:
            action(world)
        finally:
            world.only = None

    return act


_MEMBERS = {
    each.name: each
    for each in (
        Scenario("succeeds", ("Succeeded",)),
        Scenario("fails", ("Failed",), flows=(FAILED,), reason="FlowFailed"),
        Scenario("retries", ("Succeeded",), RETRY, (FAILED, {}), attempts=2),
        Scenario("cancelled", ("Cancelled",), flows=LONG),
        Scenario("suspended", ("Succeeded",), flows=LONG),
        Scenario("shares", ("Succeeded",), ON_IT),
        Scenario("shares-too", ("Failed",), ON_IT, (FAILED,), reason="FlowFailed"),
        Scenario("alone", ("Succeeded",), ALONE, attempts=1),
    )
}

MANY = ManyScenario(
    "many runs at once",
    ("Succeeded", "Failed", "Cancelled"),
    workers=2,
    seconds=1200.0,
    members=_MEMBERS,
    actions=(
        HERE,
        (AT, only("cancelled", change(cancel=True))),
        (AT, only("suspended", change(suspend=True))),
        (60.0, only("suspended", change(suspend=False))),
    ),
)
