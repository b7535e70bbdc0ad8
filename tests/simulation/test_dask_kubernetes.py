"""Clusters of dask-kubernetes under every crash, missed events, stale lists and storms."""

import pytest
from daskflow.api.dask_kubernetes.names import CLUSTER, WORKER_GROUP

from tests.simulation.dask_kubernetes.cluster_scenarios import SCENARIOS
from tests.simulation.dask_kubernetes.clusters import ClusterCase, try_cluster

CORE = ("more and fewer", "a scheduler is evicted", "it is deleted")
STORMS = 3


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_cluster_comes_to_what_its_users_want(name: str) -> None:
    writes, _ = try_cluster(ClusterCase(SCENARIOS[name]))
    assert writes < 60


@pytest.mark.parametrize("name", CORE)
def test_an_operator_that_dies_at_any_write_is_followed_by_one_that_goes_on(name: str) -> None:
    writes, _ = try_cluster(ClusterCase(SCENARIOS[name]))
    for crash in range(1, writes + 1):
        stale = ("", CLUSTER, WORKER_GROUP, "Pod")[crash % 4]
        try_cluster(ClusterCase(SCENARIOS[name], crash=crash, stale=stale, down=(0.5, 5.0, 30.0)[crash % 3]))


@pytest.mark.parametrize("name", CORE)
def test_an_event_that_is_missed_is_made_up_for(name: str) -> None:
    _, events = try_cluster(ClusterCase(SCENARIOS[name]))
    for drop in range(1, events + 1, 3):
        try_cluster(ClusterCase(SCENARIOS[name], drop=drop))


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {"who changed the number last"}))
def test_a_storm_passes(name: str) -> None:
    """A number that an operator hears of minutes late may well be copied over a newer one."""
    for seed in range(STORMS):
        try_cluster(ClusterCase(SCENARIOS[name], seed=seed, storm=True))
