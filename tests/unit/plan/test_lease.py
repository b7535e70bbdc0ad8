"""Who may write a lease, by the looker's own clock, and what is written."""

from datetime import UTC, datetime
from typing import Any

import pytest
from daskflow.plan.lease import (
    JITTER,
    LEASE_SECONDS,
    LONGEST_SECONDS,
    LOOK_SECONDS,
    RENEW_SECONDS,
    RETRY_SECONDS,
    Seen,
    free_at,
    given_back,
    held_by,
    seen,
    until_next_look,
    valid,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def lease(version: str = "7", uid: str = "u", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "resourceVersion": version}, "spec": spec}


def of(holder: str | None, before: Seen | None = None, now: float = 100.0, version: str = "7") -> Seen:
    return seen(lease(version, holderIdentity=holder, leaseDurationSeconds=15), before, now)


def test_a_lease_is_over_when_it_has_stood_still_for_as_long_as_it_lasts() -> None:
    first = of("other")
    assert free_at(first, "me") == 115.0
    assert free_at(of("other", first, 110.0), "me") == 115.0, "the same version: it was not renewed"
    assert free_at(of("other", first, 110.0, version="8"), "me") == 125.0


def test_times_that_others_write_count_for_nothing() -> None:
    spec = {"holderIdentity": "other", "renewTime": "1999-01-01T00:00:00.000000Z", "leaseDurationSeconds": 15}
    assert free_at(seen(lease(**spec), None, 100.0), "me") == 115.0


@pytest.mark.parametrize("holder", ["me", "", None])
def test_one_of_nobody_or_of_ones_own_past_is_not_waited_for(holder: str | None) -> None:
    assert free_at(of(holder), "me") < 0
    assert free_at(None, "me") < 0


@pytest.mark.parametrize(
    ("said", "lasts"),
    [(None, LEASE_SECONDS), (0, LEASE_SECONDS), (1, LEASE_SECONDS), (10**9, LONGEST_SECONDS)],
)
def test_a_lease_that_was_edited_by_hand_blocks_nobody_for_ever(said: int | None, lasts: float) -> None:
    assert seen(lease(holderIdentity="other", leaseDurationSeconds=said), None, 0.0).seconds == lasts


def test_a_lease_that_was_made_anew_counts_from_then() -> None:
    again = seen(lease("7", "another", holderIdentity="other"), of("other"), 110.0)
    assert again.since == 110.0


def test_looks_are_a_second_apart_and_one_comes_when_the_lease_is_over() -> None:
    assert until_next_look(of("other"), "me", 100.0, 0.5) == LOOK_SECONDS * (1 + JITTER / 2)
    assert until_next_look(of("other"), "me", 114.5, 0.5) == 0.5
    assert until_next_look(of("other"), "me", 116.0, 0.0) == LOOK_SECONDS, "somebody was faster"
    assert until_next_look(None, "me", 0.0, 1.0) == LOOK_SECONDS * (1 + JITTER)


def test_who_leads_writes_for_less_than_others_wait() -> None:
    assert not valid(None, 0.0)
    assert valid(100.0, 100.0 + RENEW_SECONDS - 0.001)
    assert not valid(100.0, 100.0 + RENEW_SECONDS)
    assert not valid(100.0, 99.0), "a clock that went back tells nothing"
    assert RENEW_SECONDS < LEASE_SECONDS
    assert RETRY_SECONDS * (1 + JITTER) * 3 < RENEW_SECONDS, "two renewals may fail"


def test_taking_a_lease_counts_the_change_and_renewing_does_not() -> None:
    fresh = held_by("me", None, NOW)
    assert fresh == {
        "holderIdentity": "me",
        "leaseDurationSeconds": LEASE_SECONDS,
        "acquireTime": "2026-03-01T12:00:00.250000Z",
        "renewTime": "2026-03-01T12:00:00.250000Z",
        "leaseTransitions": 0,
    }
    later = NOW.replace(second=2)
    renewed = held_by("me", fresh, later)
    assert (renewed["acquireTime"], renewed["leaseTransitions"]) == (fresh["acquireTime"], 0)
    assert renewed["renewTime"] == "2026-03-01T12:00:02.250000Z"
    taken = held_by("you", renewed, later)
    assert (taken["acquireTime"], taken["leaseTransitions"]) == (renewed["renewTime"], 1)


def test_what_is_given_back_is_nobodys() -> None:
    assert given_back(NOW)["holderIdentity"] is None
    assert given_back(NOW)["leaseDurationSeconds"] == 1, "the API server refuses 0"
