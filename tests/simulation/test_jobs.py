"""Lives of DaskJobs, undisturbed and with everything that befalls an operator."""

from functools import cache

import pytest
from daskflow.api.dask_kubernetes.names import CLUSTER, JOB

from tests.simulation.dask_kubernetes.scenarios import SCENARIOS
from tests.simulation.dask_kubernetes.world import Course, JobCase, try_job

CORE = [name for name, scenario in SCENARIOS.items() if scenario.core]


@cache
def course_of(name: str) -> Course:
    """How it goes undisturbed."""
    return try_job(JobCase(SCENARIOS[name]))


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_operator_dies_after_each_write(name: str) -> None:
    """It is back at once, or when the program has long been over."""
    for write in range(1, course_of(name).writes + 1):
        try_job(JobCase(SCENARIOS[name], crash=write, down=1.0 if write % 2 else 90.0))


@pytest.mark.parametrize("name", CORE)
def test_the_old_operator_goes_on_beside_the_new_one(name: str) -> None:
    for write in range(1, course_of(name).writes + 1):
        try_job(JobCase(SCENARIOS[name], crash=write, twins=True))


@pytest.mark.parametrize("kind", [JOB, CLUSTER, "Pod"])
@pytest.mark.parametrize("name", CORE)
def test_the_next_operator_lists_an_older_past(name: str, kind: str) -> None:
    for write in range(1, course_of(name).writes + 1):
        try_job(JobCase(SCENARIOS[name], crash=write, down=1.0, stale=kind))


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_event_is_missed(name: str) -> None:
    for event in range(1, course_of(name).events + 1, 1 if name in CORE else 3):
        try_job(JobCase(SCENARIOS[name], drop=event))


@pytest.mark.parametrize("kind", ["DaskCluster", "Pod"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_frozen_before_a_create(name: str, kind: str) -> None:
    try_job(JobCase(SCENARIOS[name], frozen=kind))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SCENARIOS)
def test_in_a_storm(name: str, seed: int) -> None:
    """Calls that fail, answers and events that are lost or late, three deaths."""
    try_job(JobCase(SCENARIOS[name], seed, storm=True, twins=seed % 2 == 1))
