"""What a pool says of itself."""

from dataclasses import replace

from tests.unit.plan.pool.stage import WAITS, PoolStage, full
from tests.unit.plan.stage import DELETED


def test_it_says_how_many_wait() -> None:
    begun = PoolStage().settled()
    assert begun.status["message"] == "0 of 2 clusters are waiting; 2 are starting."
    half = begun.waiting(0).settled()
    assert half.status["message"] == "1 of 2 clusters are waiting; 1 is starting."
    assert (half.status["ready"], half.status["starting"]) == (1, 1)
    done = half.waiting().settled()
    assert done.status["message"] == "2 clusters wait."
    assert done.status["reason"] == ""
    condition = done.condition("Ready")
    assert condition is not None
    assert condition["status"] == "True"
    assert full(ready=1).status["message"] == "1 cluster waits."
    assert full(ready=0).status["message"] == "No cluster is to wait (spec.ready is 0)."


def test_who_keeps_a_deleted_pool_keeps_no_cluster() -> None:
    there = full()
    kept = replace(there, resource={**there.resource, "metadata": {**there.resource["metadata"], **DELETED}})
    assert kept.settled().names == []


def test_what_those_that_wait_could_not_prepare_is_said() -> None:
    note = "The module pandas of preload cannot be imported: No module named 'pandas'."
    noted = full(ready=1).with_status({**WAITS, "standby": {"parked": True, "note": note}}).settled()
    assert noted.status["message"] == f"1 cluster waits. {note}"
