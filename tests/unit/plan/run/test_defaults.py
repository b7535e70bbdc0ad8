"""A run waits for defaults of its namespace that can be understood, and keeps those that it begins with."""

import json
from dataclasses import replace

from tests.unit.plan.default_maps import config_map
from tests.unit.plan.stage import ALONE, Stage, run

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


def test_a_cluster_that_its_flow_makes_starts_from_what_the_user_wrote() -> None:
    """Which is what the policy of the flow's role compares it with; it gets the defaults itself."""
    given = config_map("{imagePullSecrets: [{name: mirror}], priorityClassName: batch}")
    begun = replace(Stage(run({**ALONE, "env": [{"name": "A", "value": "1"}]})), more={"defaults": given})
    (pod,) = [each for each in begun.applied().plan().creates if each["kind"] == "Pod"]
    assert pod["spec"]["priorityClassName"] == "batch"
    (env,) = [each["env"] for each in pod["spec"]["containers"]]
    basis = json.loads(next(each["value"] for each in env if each["name"] == "DASKFLOW_CLUSTER"))
    assert (basis["image"], basis["env"][0]) == ("flows:1", {"name": "A", "value": "1"})
    assert not basis.keys() & {"imagePullSecrets", "priorityClassName"}
