"""How a case ends: what it has cost, or what is broken."""

from dataclasses import dataclass, field

from tests.simulation.cases import Course


class Broken(AssertionError):
    """An invariant does not hold; the message holds the command that shows it again."""


@dataclass
class Result:
    """What a case that held has cost."""

    writes: int = 0
    events: int = 0
    status_writes: int = 0
    ended_after: float = 0.0
    results: dict[str, int] = field(default_factory=dict)
    course: Course | None = field(default=None, repr=False)
