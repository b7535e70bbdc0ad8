"""Who is told of what around a ClusterPool."""

from typing import Any

import pytest
from daskflow.api.names import API_VERSION, CLUSTER_POOL, DASK_CLUSTER, FLOW_RUN, LABEL_POOL
from daskflow.controller.known.pools import Pools, claimed_from, pool_ref
from daskflow.plan.model import Key

POOL = Key(CLUSTER_POOL, "data", "small")
RUN = Key(FLOW_RUN, "data", "etl")
UNIT = Key(DASK_CLUSTER, "data", "small-1")


def run(**status: Any) -> dict[str, Any]:
    """A FlowRun that names the pool."""
    return {
        "kind": FLOW_RUN,
        "metadata": {"name": "etl", "namespace": "data"},
        "spec": {"pool": {"name": "small"}},
        "status": status,
    }


def unit(owner: str = CLUSTER_POOL) -> dict[str, Any]:
    """A cluster of the pool, with this kind of owner."""
    name = "small" if owner == CLUSTER_POOL else "etl"
    reference = {
        "kind": owner,
        "name": name,
        "uid": "u",
        "controller": True,
        "apiVersion": API_VERSION,
    }
    return {
        "kind": DASK_CLUSTER,
        "metadata": {
            "name": "small-1",
            "namespace": "data",
            "labels": {LABEL_POOL: "small"},
            "ownerReferences": [reference],
        },
    }


OPEN = {"number": 1, "startTime": "2026-01-01T00:00:00Z", "claim": {"pool": "small", "reason": "Claimed"}}


def test_a_run_looks_at_its_pool_until_its_attempt_is_open() -> None:
    assert pool_ref(run()) == POOL
    assert pool_ref(run(attempts=[OPEN])) is None
    assert pool_ref(run(attempts=[{**OPEN, "endTime": "now"}])) == POOL
    assert pool_ref(run(completionTime="now")) is None
    assert pool_ref({**run(), "spec": {}}) is None


def test_what_a_run_has_is_claimed() -> None:
    assert claimed_from(unit()) is None
    assert claimed_from(unit(FLOW_RUN)) == POOL


def test_a_run_that_waits_hears_of_pool_and_clusters() -> None:
    pools = Pools()
    pools.put(RUN, run())
    assert list(pools.affected(POOL, {"kind": CLUSTER_POOL}, None)) == [RUN]
    assert list(pools.affected(UNIT, unit(), None)) == [RUN]
    pools.remove(RUN, run())
    assert not list(pools.affected(UNIT, unit(), None))


def test_a_pool_hears_of_claims_and_of_flows_that_have_begun_and_of_runs_without_room() -> None:
    pools = Pools()
    pools.put(POOL, {"kind": CLUSTER_POOL, "metadata": {"name": "small", "namespace": "data"}})
    assert list(pools.affected(UNIT, unit(FLOW_RUN), unit())) == [POOL]
    assert not list(pools.affected(UNIT, unit(FLOW_RUN), unit(FLOW_RUN)))
    begun = run(attempts=[{**OPEN, "flowStartTime": "now"}])
    assert list(pools.affected(RUN, begun, run(attempts=[OPEN]))) == [POOL]
    assert not list(pools.affected(RUN, begun, begun))
    roomless = run(attempts=[OPEN], reason="Unschedulable")
    assert list(pools.affected(RUN, roomless, run(attempts=[OPEN]))) == [POOL]
    pools.put(RUN, roomless)
    assert list(pools.roomless("data")) == [RUN]
    pools.put(UNIT, unit(FLOW_RUN))
    assert list(pools.claimed(POOL)) == [UNIT]


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("0/1 nodes are available: 1 Preemption is not helpful for scheduling.", False),
        ("0/3 nodes are available: 3 Preemption is not helpful for scheduling.", False),
        (
            "0/3 nodes are available: 2 Preemption is not helpful for scheduling, 1 No preemption victims.",
            True,
        ),
        ("0/1 nodes are available: 1 No preemption victims found for incoming pod.", True),
    ],
)
def test_whom_no_room_would_help_none_is_given(said: str, helps: bool) -> None:
    pools = Pools()
    message = f"No node has room for pod a: 0/1 nodes are available: 1 Insufficient cpu. preemption: {said}"
    pools.put(RUN, run(attempts=[OPEN], reason="Unschedulable", message=message))
    assert list(pools.roomless("data")) == ([RUN] if helps else [])


@pytest.mark.parametrize(
    ("amounts", "helps"),
    [
        ("requested: requests.cpu=64, used: requests.cpu=2, limited: requests.cpu=8", False),
        (
            "requested: memory=2Gi,pods=1, used: memory=1Gi,pods=9, limited: memory=1Gi,pods=9",
            False,
        ),
        ("requested: pods=1, used: pods=4, limited: pods=4", True),
        ("requested: requests.cpu=500m, used: requests.cpu=1, limited: requests.cpu=1", True),
        ("requested: gpu=lots, used: gpu=1, limited: gpu=1", True),
    ],
)
def test_who_asks_for_more_than_the_whole_quota_is_given_nothing(amounts: str, helps: bool) -> None:
    pools = Pools()
    message = (
        f'The namespace\'s quota does not allow Pod a: pods "a" is forbidden: exceeded quota: q, {amounts}.'
    )
    pools.put(RUN, run(attempts=[OPEN], reason="QuotaExceeded", message=f"{message} Ask for less."))
    assert list(pools.roomless("data")) == ([RUN] if helps else [])
