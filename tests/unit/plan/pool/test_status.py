"""The conditions and Events of a pool."""

from tests.unit.plan.pool.stage import full


def test_nobody_claims_for_a_day() -> None:
    unused = full().later(days=1)
    plan = unused.plan()
    assert "PoolUnused" in [event.reason for event in plan.events]
    condition = unused.settled().condition("Unused")
    assert condition is not None
    assert condition["status"] == "True"
