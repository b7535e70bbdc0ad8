"""What happens to a world while a scenario lives: the verbs that scenarios are written with."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import World

Action = Callable[["World"], None]
