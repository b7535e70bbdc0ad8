"""What a pool knows of its clusters."""

from dataclasses import replace

from tests.unit.plan.pool.stage import full


def test_no_number_is_used_again() -> None:
    claimed = full(ready=1).claimed(0, begun=True).settled()
    gone = replace(claimed, units=(), more={})
    assert gone.settled().names == ["3"]
