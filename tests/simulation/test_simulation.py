"""The real controller and planners in the simulated world: exhaustively first, then by chance.

A case that breaks prints the command that replays it. DASKFLOW_SIMULATION_SEEDS: how many seeds are tried.
"""

import logging
import os
from collections.abc import Iterator

import pytest

from tests.simulation.cases import Case, absences, crash_points, dropped_events, random_case, stale_restarts
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.trial import course_of, try_case

SEEDS = int(os.environ.get("DASKFLOW_SIMULATION_SEEDS", "1000"))
BATCH = 100
CORE = [name for name, scenario in SCENARIOS.items() if scenario.core]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Hundreds of thousands of warnings about faults that are part of the game."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_undisturbed(scenario: str) -> None:
    expected = {"ok", "error"} if SCENARIOS[scenario].errors else {"ok"}
    assert set(try_case(Case(scenario)).results) == expected


def test_a_plain_run_costs_few_writes() -> None:
    result = try_case(Case("success"))
    assert result.status_writes <= 4
    # 4 + 2 of statuses, cluster, Service, Secret, NetworkPolicy, 4 pods, 2 deletes, Events
    assert result.writes <= 19


@pytest.mark.parametrize("scenario", CORE)
def test_the_operator_dies_after_any_write(scenario: str) -> None:
    for case in crash_points(scenario, course_of(scenario)):
        try_case(case)


@pytest.mark.parametrize("scenario", CORE)
def test_a_restarted_operator_lists_an_older_past(scenario: str) -> None:
    for case in stale_restarts(scenario, course_of(scenario)):
        try_case(case)


@pytest.mark.parametrize("scenario", ["a flow of a minute", "alone for a minute"])
def test_the_operator_is_away_and_somebody_deletes_what_the_run_has(scenario: str) -> None:
    for case in absences(scenario, course_of(scenario)):
        try_case(case)


@pytest.mark.parametrize("kind", ["DaskCluster", "Pod", "Service", "Secret"])
@pytest.mark.parametrize("scenario", ["success", "retry", "alone", "a second attempt of a minute"])
def test_an_operator_that_was_frozen_before_a_create_begins_nothing_anew(scenario: str, kind: str) -> None:
    try_case(Case(scenario, frozen=kind))


@pytest.mark.parametrize("changes", [1, 2, 3])
def test_a_run_that_is_over_does_not_begin_again_for_an_operator_that_lists_its_start(changes: int) -> None:
    last = course_of("success").writes
    try_case(Case("success", crash=last, down=1.0, stale=f"FlowRun:{changes}"))


def test_a_success_that_is_learned_after_its_attempt_was_closed_is_the_runs() -> None:
    """An operator closed it as suspended while the runner's create of the one before was under way."""
    try_case(Case("suspend and resume", 271, storm=True, crashes=3, twins=True, down=2.0))


@pytest.mark.parametrize("scenario", CORE)
def test_any_event_is_never_heard(scenario: str) -> None:
    for case in dropped_events(scenario, course_of(scenario)):
        try_case(case)


@pytest.mark.parametrize("seed", range(3))
def test_many_runs_at_once_each_have_a_life_of_their_own(seed: int) -> None:
    try_case(Case("many runs at once", seed, storm=True, crashes=2, twins=seed == 2))


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_storms_deaths_and_stale_restarts_by_chance(first: int) -> None:
    for seed in range(first, min(first + BATCH, SEEDS)):
        try_case(random_case(seed))


def test_the_same_case_is_the_same_life() -> None:
    case = random_case(7)
    assert try_case(case) == try_case(case)
