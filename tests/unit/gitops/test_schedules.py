"""FlowSchedules as Flux, `helm --wait` and Argo CD judge them, and the page's table of it."""

import re
from dataclasses import replace

import pytest
from daskflow.plan.model import Refusal

from tests.unit.gitops.kstatus import kstatus
from tests.unit.gitops.test_argocd import health
from tests.unit.gitops.test_page import PAGE
from tests.unit.plan.schedule.stage import ScheduleStage, run_key, schedule

FRESH = ScheduleStage()
KEPT = FRESH.settled()
DUE = KEPT.at(1)
QUOTA = Refusal(run_key(DUE.applied(DUE.plan()), 0), 403, "exceeded quota: small")

LIVES = {
    "fresh": (FRESH, "InProgress", "Progressing"),
    "Scheduled": (KEPT, "Current", "Healthy"),
    "Scheduled, spec changed": (KEPT.spec(catchUp="None"), "InProgress", "Progressing"),
    "Scheduled, change seen": (KEPT.spec(catchUp="None").settled(), "Current", "Healthy"),
    "Scheduled, a run failed": (DUE.settled().ended("Failed").settled(), "Current", "Healthy"),
    "Waiting": (DUE.settled().at(2).settled(), "Current", "Healthy"),
    "Refused for now": (replace(DUE, more={"refusals": (QUOTA,)}).settled(), "InProgress", "Progressing"),
    "Suspended": (KEPT.spec(suspend=True).settled(), "Current", "Suspended"),
    "Stalled": (ScheduleStage(schedule({"timeZone": "Mars"})).settled(), "Failed", "Degraded"),
}


@pytest.mark.parametrize("name", LIVES)
def test_judgement(name: str) -> None:
    stage, flux, argo = LIVES[name]
    assert kstatus(stage.resource) == flux
    told = health(stage.resource)
    assert told["status"] == argo
    assert told["message"] == stage.status.get("message", told["message"]) or flux == "InProgress"


@pytest.mark.parametrize("name", LIVES)
def test_one_of_three_conditions_holds_at_most(name: str) -> None:
    conditions = LIVES[name][0].status.get("conditions", ())
    assert sum(item["status"] == "True" for item in conditions) <= 1


def test_table_is_true() -> None:
    _, table = re.split(r"^\| FlowSchedule \|.*\n", PAGE.read_text(), flags=re.M)
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in table.split("\n\n")[0].splitlines()[2:]
    ]
    assert {name: tuple(verdicts) for name, *verdicts in rows} == {
        name: tuple(verdicts) for name, (_, *verdicts) in LIVES.items() if "," not in name and name != "fresh"
    }
