"""The real controller and planners in the simulated world: exhaustively first, then by chance.

A case that breaks prints the command that replays it. DASKFLOW_SIMULATION_SEEDS: how many seeds are tried.
"""

import logging
import os
from collections.abc import Iterator

import pytest

from tests.simulation.run import crash_points, dropped_events, random_case, try_case
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.world import Case

SEEDS = int(os.environ.get("DASKFLOW_SIMULATION_SEEDS", "300"))
BATCH = 50


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Hundreds of thousands of warnings about faults that are part of the game."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_undisturbed(scenario: str) -> None:
    result = try_case(Case(scenario))
    assert set(result.results) == {"ok"}
    # Three attempts of some 17 writes cost the most; the plain case is pinned below.
    assert result.writes <= 60
    assert result.status_writes <= 16


def test_a_plain_run_costs_few_writes() -> None:
    result = try_case(Case("success"))
    assert result.status_writes <= 3
    # 3 + 2 of statuses, cluster, Service, Secret, 4 pods, 2 deletes, Events
    assert result.writes <= 18


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_operator_dies_after_any_write(scenario: str) -> None:
    for case in crash_points(scenario):
        try_case(case)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_any_event_is_never_heard(scenario: str) -> None:
    for case in dropped_events(scenario):
        try_case(case)


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_storms_and_deaths_by_chance(first: int) -> None:
    for seed in range(first, min(first + BATCH, SEEDS)):
        try_case(random_case(seed))


def test_the_same_case_is_the_same_life() -> None:
    case = random_case(7)
    assert try_case(case) == try_case(case)
