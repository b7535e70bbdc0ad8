"""Flux and `helm --wait` wait for a live run, go on after a success, and stop at a failure."""

from typing import Any, get_args

import pytest
from daskflow.api import daskcluster, flowrun_status

from tests.unit.gitops.kstatus import kstatus
from tests.unit.gitops.lives import DASK_CLUSTERS, FLOW_RUNS, Resource

RUNS = {
    "fresh": "InProgress",
    "Pending": "InProgress",
    "Starting": "InProgress",
    "Starting, image not found yet": "InProgress",
    "Running": "InProgress",
    "Running, spec changed": "InProgress",
    "Running, change seen": "InProgress",
    "Running, asked to end": "InProgress",
    "Retrying": "InProgress",
    "Suspended": "InProgress",
    "Suspended, in an attempt": "InProgress",
    "Succeeded": "Current",
    "Succeeded, spec changed": "InProgress",
    "Succeeded, change seen": "Current",
    "Failed": "Failed",
    "Failed, change seen": "Failed",
    "Failed, spec not understood": "Failed",
    "Cancelled": "Failed",
    "Cancelled, wish taken back": "Failed",
}

CLUSTERS = {
    "fresh": "InProgress",
    "Pending": "InProgress",
    "Starting": "InProgress",
    "Ready": "Current",
    "Ready, spec changed": "InProgress",
    "Ready, change seen": "Current",
    "Degraded, new worker on its way": "InProgress",
    "Degraded, workers failing": "InProgress",
    "Stopping": "InProgress",
    "Suspended": "InProgress",
    "Suspended, resumed": "InProgress",
    "Stopped": "Current",
    "Stopped, idle for too long": "Current",
    "Stopped, change seen": "Current",
    "Failed": "Failed",
    "Failed, change seen": "Failed",
}

CASES = [
    *(pytest.param(FLOW_RUNS[name], want, id=f"FlowRun {name}") for name, want in RUNS.items()),
    *(
        pytest.param(
            DASK_CLUSTERS[name],
            want,
            id=f"DaskCluster {name}",
        )
        for name, want in CLUSTERS.items()
    ),
]


@pytest.mark.parametrize(("resource", "expected"), CASES)
def test_conclusion(resource: Resource, expected: str) -> None:
    assert kstatus(resource) == expected


def test_every_phase_is_tried() -> None:
    assert set(RUNS) == set(FLOW_RUNS)
    assert set(CLUSTERS) == set(DASK_CLUSTERS)
    phases = {item["status"].get("phase") for item in FLOW_RUNS.values()}
    assert phases == {None, *get_args(flowrun_status.Phase)}
    phases = {item["status"].get("phase") for item in DASK_CLUSTERS.values()}
    assert phases == {None, *get_args(daskcluster.Phase)}


@pytest.mark.parametrize(("kind", "lives"), [("FlowRun", FLOW_RUNS), ("DaskCluster", DASK_CLUSTERS)])
def test_objects_are_in_the_phase_they_are_named_after(kind: str, lives: dict[str, Resource]) -> None:
    phases = {name: item["status"].get("phase", "fresh") for name, item in lives.items()}
    assert phases == {name: name.split(",")[0] for name in lives}, kind


@pytest.mark.parametrize("resource", [*FLOW_RUNS.values(), *DASK_CLUSTERS.values()])
def test_never_reconciling_and_stalled_at_once(resource: Resource) -> None:
    held = {item["type"] for item in resource["status"].get("conditions", ()) if item["status"] == "True"}
    assert not {"Reconciling", "Stalled"} <= held
    assert not {"Ready", "Stalled"} <= held
    assert not {"Ready", "Reconciling"} <= held


@pytest.mark.parametrize("resource", [*FLOW_RUNS.values(), *DASK_CLUSTERS.values()])
def test_an_object_that_is_being_deleted_is_terminating(resource: Resource) -> None:
    metadata = {**resource["metadata"], "deletionTimestamp": "2026-03-01T12:00:00Z"}
    assert kstatus({**resource, "metadata": metadata}) == "Terminating"


def test_without_the_default_status_a_new_run_would_pass_for_done() -> None:
    bare = {**FLOW_RUNS["fresh"], "status": {}}
    assert kstatus(bare) == "Current"


@pytest.mark.parametrize("name", ["Succeeded, change seen", "Failed, change seen"])
def test_kubectl_wait_believes_the_conditions_of_a_run_changed_after_its_end(name: str) -> None:
    """`kubectl wait --for=condition=…` passes over conditions that are about an earlier generation."""
    resource: dict[str, Any] = dict(FLOW_RUNS[name])
    seen = {item["observedGeneration"] for item in resource["status"]["conditions"]}
    assert seen == {resource["metadata"]["generation"]}
