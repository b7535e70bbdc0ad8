"""A run waits for defaults of its namespace that can be understood, and keeps those that it begins with."""

from dataclasses import replace

from tests.unit.plan.default_maps import config_map
from tests.unit.plan.stage import Stage, run

BROKEN = config_map("deadlines: {strat: 1h}")
WAITS = replace(Stage(run()), more={"defaults": BROKEN}).applied()


def test_a_run_waits_and_says_why() -> None:
    assert (WAITS.status["phase"], WAITS.status["reason"]) == ("Pending", "DefaultsInvalid")
    assert "did you mean deadlines.start?" in WAITS.status["message"]
    assert not WAITS.plan().acts


def test_it_writes_down_what_it_begins_with() -> None:
    begun = replace(WAITS, more={"defaults": config_map("cluster: {workers: {drainTimeout: 7s}}")}).applied()
    assert begun.status["phase"] == "Starting"
    given = {"cluster": {"workers": {"drainTimeout": "7s"}}}
    assert begun.status["defaults"] == {"sources": ["namespace"], "spec": given}
    (made,) = replace(begun, more={"defaults": BROKEN}).plan().creates
    assert made["spec"]["workers"] == {"drainTimeout": "7s"}


def test_a_run_that_waits_can_be_cancelled() -> None:
    assert WAITS.spec(cancel=True).applied().status["phase"] == "Cancelled"
