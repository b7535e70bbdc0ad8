"""Operators that lead by a lease, in a world where they die, freeze, are cut off and stopped."""

import logging
from collections.abc import Iterator
from random import Random

import pytest

from tests.simulation.cases import Case
from tests.simulation.standby import WHAT, try_standby
from tests.simulation.trial import course_of

SCENARIOS = ("success", "retry", "scheduler dies, retry")
SEEDS = 60


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("scenario", SCENARIOS[:2])
def test_another_takes_over_whatever_befalls_the_leader_after_any_write(scenario: str, what: str) -> None:
    for number in range(1, course_of(scenario).writes + 1):
        _, world = try_standby(Case(scenario, crash=number), what)
        assert world.takeovers, "the leader did not come that far"


def test_undisturbed_one_works_and_the_other_costs_a_look_a_second() -> None:
    result, world = try_standby(Case("success"), "kill")
    first, second = world.operators
    assert result.writes == course_of("success").writes
    assert (second.client.writes, second.counted.plans, second.terms) == (0, 0, [])
    assert len(first.terms) == 1


def test_one_alone_that_is_replaced_gives_the_lease_to_the_next() -> None:
    _, world = try_standby(Case("a flow of a minute", crash=8), "stop", replicas=1)
    (takeover,) = world.takeovers
    assert len(world.operators) == 2
    assert takeover.worked is not None


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_storms_and_what_befalls_leaders_by_chance(first: int) -> None:
    for seed in range(first, first + 20):
        chance = Random(f"standby {seed}")
        scenario, what = chance.choice(SCENARIOS), chance.choice(WHAT)
        try_standby(Case(scenario, seed, storm=seed % 2 == 0, crashes=2, crash=chance.randrange(15)), what)
