"""Which run a try of a task makes, or goes on with."""

import re
from itertools import product
from typing import Any

import pytest
from airflow_provider_daskflow.task_try import ANNOTATION_REPORTED, TaskTry, belongs, first_step

TASK = TaskTry("Sales__daily", "load.all", "scheduled__2026-01-01T00:00:00+00:00", -1, 2)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


def run(phase: str | None, number: int = 1, reported: bool = False, **more: Any) -> dict[str, Any]:
    task = TaskTry(TASK.dag_id, TASK.task_id, TASK.run_id, TASK.map_index, number)
    notes = {ANNOTATION_REPORTED: "true"} if reported else {}
    metadata = {
        "name": task.name(),
        "labels": task.labels(),
        "annotations": notes,
        **more.pop("metadata", {}),
    }
    return {"metadata": metadata, "spec": more, "status": {"phase": phase} if phase else {}}


def test_a_name_tells_of_the_task_and_is_its_own() -> None:
    assert re.fullmatch(r"sales-daily-load-all-[0-9a-f]{10}", TASK.name())
    assert re.fullmatch(r"nightly-[0-9a-f]{10}", TASK.name("nightly"))
    parts = [("d", "e" * 200, "ё"), ("t", "u.v", "_"), ("r1", "r2"), (-1, 0, 1), (1, 2)]
    names = [TaskTry(*each).name() for each in product(*parts)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) and len(name) <= 50 for name in names)
    labels = [value for each in product(*parts) for value in TaskTry(*each).labels().values()]
    assert all(value == "" or _LABEL.fullmatch(value) for value in labels)


def test_a_dag_run_that_is_made_again_takes_no_name_of_before() -> None:
    names: list[str] = []
    for _ in range(4):
        names.append(TASK.name("n" * 99, names))
    assert len(set(names)) == 4
    assert max(map(len, names)) == 50
    assert TASK.name("n" * 99, names[1:]) == names[0]


def test_a_try_knows_its_own_run() -> None:
    assert belongs(run(None, number=2), TASK)
    assert not belongs(run(None, number=1), TASK)
    assert not belongs({"metadata": {"name": TASK.name()}}, TASK)


@pytest.mark.parametrize(
    ("runs", "do", "of"),
    [
        ([], "create", None),
        ([run(None)], "adopt", 1),
        ([run("Running")], "adopt", 1),
        ([run("Running", cancel=True)], "wait", 1),
        ([run("Running", metadata={"deletionTimestamp": "…"})], "wait", 1),
        ([run("Succeeded")], "adopt", 1),
        ([run("Succeeded", reported=True)], "create", None),
        ([run("Failed")], "create", None),
        ([run("Cancelled", cancel=True)], "create", None),
        ([run("Succeeded", 1), run("Failed", 2)], "create", None),
        ([run("Failed", 1), run("Running", 2)], "adopt", 2),
        ([run("Running", 2), run("Running", 3, cancel=True)], "wait", 3),
    ],
)
def test_what_a_try_does_first(runs: list[Any], do: str, of: int | None) -> None:
    step = first_step(runs)
    assert step.do == do
    assert (step.run and step.run["metadata"]["labels"]["airflow.daskflow.dev/try"]) == (of and str(of))
