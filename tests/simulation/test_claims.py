"""A crowd of runs that want the clusters of one pool: each cluster is one run's."""

import logging
from collections.abc import Iterator

import pytest

from tests.simulation.cases import Case
from tests.simulation.claims import claims
from tests.simulation.scenarios.pools import CROWD


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
