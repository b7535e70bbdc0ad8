"""What befalls the operator itself, its machine's clock and its calls."""

import asyncio
from typing import TYPE_CHECKING, Any

from tests.simulation.actions import Action
from tests.simulation.kubernetes.objects import component_of

if TYPE_CHECKING:
    from tests.simulation.world import World


def absent(seconds: float) -> Action:
    """No operator runs for so long."""

    def act(world: "World") -> None:
        world.absent(seconds)

    return act


def jump(seconds: float) -> Action:
    """The clock of the operator's machine is put forward, or back."""

    def act(world: "World") -> None:
        world.jumped += seconds
        world.jumped_at = asyncio.get_running_loop().time()

    return act


def lands_late(kind: str, seconds: float, component: str = "") -> Action:
    """The operator's first create of this kind is given up, tried again, and takes effect at last."""

    def act(world: "World") -> None:
        left = [seconds]

        def late(body: Any) -> float:
            if body["kind"] != kind or (component and component_of(body) != component):
                return 0.0
            return left.pop() if left else 0.0

        world.operator.client.lands_late = late

    return act
