"""Living a case, in a loop of its own."""

from functools import cache

from tests.simulation import loop as virtual
from tests.simulation.cases import Case, Course
from tests.simulation.result import Result
from tests.simulation.world import World


def try_case(case: Case) -> Result:
    """Lives one case; raises Broken (or whatever the operator raised)."""

    async def live() -> Result:
        return await World(case).live()

    return virtual.run(live())


@cache
def course_of(scenario: str) -> Course:
    """How it goes undisturbed."""
    course = try_case(Case(scenario)).course
    assert course is not None
    return course
