"""What runs have claimed is counted, and made again."""

from dataclasses import replace

from tests.unit.plan.pool.stage import claimant, full


def test_what_is_claimed_is_counted_and_made_again_once_its_flow_has_begun() -> None:
    claimed = full().claimed(0).settled()
    assert claimed.status["claimed"] == 1
    assert claimed.names == ["2"]
    assert claimed.later(seconds=4).settled().names == ["2"]
    assert claimed.later(seconds=5).settled().names == ["2", "3"]
    begun = replace(claimed, more={**claimed.more, "claimants": (claimant(full().units[0], begun=True),)})
    assert begun.settled().names == ["2", "3"]


def test_a_run_that_is_yet_to_write_down_its_claim_is_waited_for_as_well() -> None:
    claimed = full().claimed(0)
    run = claimant(full().units[0])
    silent = replace(claimed, more={**claimed.more, "claimants": ({**run, "status": {}},)}).settled()
    assert silent.status["claimed"] == 1
    assert silent.names == ["2"]
    assert silent.later(seconds=5).settled().names == ["2", "3"]
    gone = replace(claimed, more={**claimed.more, "claimants": ()})
    assert gone.settled().names == ["2", "3"]
