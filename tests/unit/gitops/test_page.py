"""The tables of docs/gitops.md say what the tests of the two judges say."""

import re
from pathlib import Path

import pytest

from tests.unit.gitops import test_argocd, test_kstatus

PAGE = Path(__file__).parents[3] / "docs" / "gitops.md"


@pytest.mark.parametrize(
    ("kind", "kstatus", "argo"),
    [
        ("FlowRun", test_kstatus.RUNS, test_argocd.RUNS),
        ("DaskCluster", test_kstatus.CLUSTERS, test_argocd.CLUSTERS),
    ],
)
def test_table_is_true(kind: str, kstatus: dict[str, str], argo: dict[str, str]) -> None:
    _, table = re.split(rf"^\| {kind} \|.*\n", PAGE.read_text(), flags=re.M)
    told = {}
    for row in table.split("\n\n")[0].splitlines()[1:]:
        cell, *verdicts = (part.strip() for part in row.strip("|").split("|"))
        told |= {phase: verdicts for phase in cell.split(", ") if phase in kstatus}
    told.pop("Degraded", None)  # it has two rows
    assert told == {phase: [kstatus[phase], argo[phase]] for phase in told}
    assert set(told) == {phase for phase in kstatus if "," not in phase and phase != "fresh"}
