"""When a lease counts as lost."""

from daskflow.runtime.scheduler.lifetime import Lease


def test_a_lease_is_lost_by_silence_not_by_a_frozen_clock() -> None:
    lease = Lease(first_seconds=100, seconds=5)
    assert [lease.tick(1) for _ in range(100)] == [""] * 100
    assert lease.tick(1) == "LeaseNeverTaken"
    assert lease.take("a", None)
    assert lease.tick(3600) == ""  # we were frozen: listen first
    assert lease.take("a", "now")
    assert [lease.tick(1) for _ in range(6)] == ["", "", "", "", "", "LeaseLost"]
