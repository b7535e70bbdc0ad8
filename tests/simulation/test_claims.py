"""A crowd of runs that want the clusters of one pool: each cluster is one run's."""

import logging
from collections.abc import Iterator

import pytest

from tests.simulation.cases import Case, random_pool_case
from tests.simulation.claims import claims
from tests.simulation.scenarios.pools import CROWD
from tests.simulation.trial import try_case


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", range(3))
def test_no_cluster_is_shared(seed: int) -> None:
    found = claims(Case(CROWD.name, seed, storm=bool(seed), crashes=seed, twins=seed == 2))
    assert found.total() >= 12
    assert set(found) == {1}


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_storms_deaths_and_stale_restarts_by_chance(first: int) -> None:
    for seed in range(first, first + 50):
        try_case(random_pool_case(seed))
