"""Whose turn it is after a change: a schedule's, by its runs and the clusters that it has made ahead."""

from typing import Any

import pytest
from daskflow.api.names import API_VERSION, DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.controller.known.affected import affected
from daskflow.plan.model import Key

SCHEDULE = Key(FLOW_SCHEDULE, "data", "hourly")
RUN = Key(FLOW_RUN, "data", "run")
UNIT = Key(DASK_CLUSTER, "data", "unit")


def child(key: Key, owner: Key = SCHEDULE, deleted: bool = False, **status: Any) -> dict[str, Any]:
    """An object that this one controls."""
    reference = {"apiVersion": API_VERSION, "kind": owner.kind, "name": owner.name, "uid": "u"}
    metadata: dict[str, Any] = {"name": key.name, "namespace": key.namespace}
    metadata["ownerReferences"] = [{**reference, "controller": True}]
    if deleted:
        metadata["deletionTimestamp"] = "now"
    return {"apiVersion": API_VERSION, "kind": key.kind, "metadata": metadata, "status": status}


def wakes(now: dict[str, Any], before: dict[str, Any] | None) -> bool:
    """Whether the schedule hears of it."""
    key = Key(now["kind"], "data", now["metadata"]["name"])
    found = affected({RUN: child(RUN)}.get, key, now, before)
    assert found[0] == key
    return SCHEDULE in found


@pytest.mark.parametrize("key", [RUN, UNIT])
def test_a_schedule_hears_what_comes_goes_and_gets_on(key: Key) -> None:
    started = child(key, phase="Starting")
    assert wakes(started, None)
    assert wakes(started, child(key))
    assert wakes(child(key, deleted=True, phase="Starting"), started)
    assert not wakes(child(key, phase="Starting", message="3 of 4"), started)


def test_a_schedule_hears_what_keeps_a_cluster_from_starting_and_not_what_keeps_a_run() -> None:
    assert wakes(child(UNIT, phase="Starting", reason="ImagePullFailed"), child(UNIT, phase="Starting"))
    assert not wakes(child(RUN, phase="Starting", reason="ImagePullFailed"), child(RUN, phase="Starting"))


def test_a_schedule_hears_nothing_of_what_its_runs_control() -> None:
    of_run = child(UNIT, RUN, phase="Ready")
    assert not wakes(of_run, child(UNIT, RUN, phase="Starting"))
    assert not wakes(of_run, child(UNIT, phase="Ready")), "a run has claimed it"
    assert not wakes(of_run, None)
