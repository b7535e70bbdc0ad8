"""History: so many ended runs stay, and what was said of them."""

from dataclasses import replace

from daskflow.plan.model import Refusal

from tests.unit.plan.schedule.stage import ALL, run_key, stage


def test_the_newest_of_each_outcome_stay() -> None:
    here = stage(history={"succeeded": 2, "failed": 1})
    for hour, phase in enumerate(["Failed", "Succeeded", "Succeeded", "Cancelled", "Succeeded", "Failed"], 1):
        here = here.at(hour).settled().ended(phase).settled()
    assert here.ticks == ["03:00", "05:00", "06:00"]
    assert here.status["lastOutcome"]["outcome"] == "Failed"


def test_live_runs_are_never_deleted() -> None:
    here = stage(history={"succeeded": 0, "failed": 0}, concurrencyPolicy="Allow")
    for hour in range(1, 6):
        here = here.at(hour).settled()
    assert len(here.runs) == 5
    assert here.ended(which=2).settled().ticks == ["01:00", "02:00", "04:00", "05:00"]


def test_the_last_outcome_outlives_its_run() -> None:
    here = stage(history={"succeeded": 0}).at(1).settled().ended("Failed").settled()
    here = here.at(2).settled().ended("Succeeded").settled()
    assert here.ticks == ["01:00"]
    assert here.status["lastOutcome"]["outcome"] == "Succeeded"
    assert not here.at(2.5).plan().acts


def test_history_keeps_the_proof_of_a_tick_that_is_not_written_down() -> None:
    back = stage(history={"succeeded": 0}, **ALL).at(3)
    made = back.applied(back.plan()).without(0)
    refused = {"refusals": (Refusal(run_key(back.applied(back.plan()), 0), 403, "exceeded quota"),)}
    kept = replace(made, more=refused).ended().settled()
    assert kept.ticks == ["02:00", "03:00"]
    assert replace(kept, more={}).settled().ticks == ["01:00"]
