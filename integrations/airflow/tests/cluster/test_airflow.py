"""A real Airflow, daskflow and a real kubelet: what becomes of a run when parts of Airflow end."""

import os
import re
import signal
from typing import Any

import pytest

from integrations.airflow.tests.cluster.conftest import README
from integrations.airflow.tests.installation import Installation
from integrations.kubectl import Namespace, until

Object = dict[str, Any]


class Held:
    """One task of a DAG run, whose flow goes on until it is let go."""

    def __init__(self, airflow: Installation, place: Namespace, dag: str) -> None:
        self.airflow, self.place, self.dag = airflow, place, dag
        self.run = airflow.trigger(dag)

    def reached(self, *states: str) -> Object:
        return self.airflow.reached(self.dag, self.run, "etl", *states)

    def runs(self) -> list[Object]:
        """Its FlowRuns."""
        found = self.place.items("flowruns", f"airflow.daskflow.dev/dag={self.dag}")
        return [each for each in found if _note(each, "run-id") == self.run]

    def begun(self) -> str:
        """The name of its only FlowRun, whose flow has begun."""
        name = str(until("a FlowRun", self.runs, 60, self.airflow.picture)[0]["metadata"]["name"])
        self.place.reached(name, "Running")
        return name

    def settled(self, number: int = 1) -> None:
        """Airflow's executor has reported the process that deferred this try.

        Where that comes after the trigger has fired, the scheduler takes it for the end of the resumed task.
        """
        key = f"run_id='{self.run}', try_number={number},"
        what = f"the executor to report try {number}"
        until(what, lambda: self.airflow.reported(key), 60, self.airflow.picture)

    def let_go(self, name: str) -> None:
        selector = f"daskflow.dev/run={name},daskflow.dev/component=runner"
        (pod,) = self.place.items("pods", selector)
        self.place.kubectl("exec", pod["metadata"]["name"], "--", "touch", "/tmp/go")


def _note(run: Object, name: str) -> str:
    return str(run["metadata"]["annotations"][f"airflow.daskflow.dev/{name}"])


def test_the_dag_of_the_page_runs(airflow: Installation, place: Namespace) -> None:
    (text,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    (airflow.dags / "sales.py").write_text(text)
    said = airflow.command("dags", "test", "sales", seconds=240)
    runs = place.items("flowruns", "airflow.daskflow.dev/dag=sales")
    phases = {_note(run, "task-id"): run["status"]["phase"] for run in runs}
    assert phases == {"squares": "Succeeded", "sum": "Succeeded"}, said
    results = {_note(run, "task-id"): run["status"].get("result") for run in runs}
    assert results == {"squares": 285, "sum": sum(n * n for n in range(285))}
    assert "[runner] squaring 10 numbers" in said


@pytest.fixture
def deferred(running: Installation, place: Namespace) -> Held:
    held = Held(running, place, "deferred")
    held.reached("deferred")
    held.settled()
    return held


def test_a_deferred_run_outlives_triggerer_and_scheduler(
    running: Installation, place: Namespace, deferred: Held
) -> None:
    name = deferred.begun()
    running.kill("triggerer", "scheduler")
    deferred.let_go(name)
    place.ended(name)
    running.start("scheduler", "triggerer")
    running.ready("deferred")
    deferred.reached("success")
    (run,) = deferred.runs()
    result = running.xcom("deferred", deferred.run, "etl")
    assert result == run["status"]["result"]
    assert running.xcom("deferred", deferred.run, "etl", "run_name") == name
    log = running.log("deferred", deferred.run, "etl")
    assert log.count("[runner] held until /tmp/go is there") == 1
    assert "Succeeded" in log


def test_a_rolling_restart_of_the_triggerer_cancels_nothing(
    running: Installation, place: Namespace, deferred: Held
) -> None:
    name = deferred.begun()
    running.kill("triggerer", with_signal=signal.SIGTERM)
    running.start("triggerer")
    running.ready("deferred")
    deferred.let_go(name)
    deferred.reached("success")
    (run,) = deferred.runs()
    assert "cancel" not in run["spec"]


@pytest.mark.parametrize("state", ["failed", "success"])
def test_a_deferred_task_that_is_marked_cancels_its_run(
    running: Installation, place: Namespace, deferred: Held, state: str
) -> None:
    name = deferred.begun()
    running.mark("deferred", deferred.run, "etl", state)
    assert place.ended(name)["phase"] == "Cancelled"
    deferred.reached(state)


def test_a_cleared_task_has_a_second_run_after_the_first(
    running: Installation, place: Namespace, deferred: Held
) -> None:
    first = deferred.begun()
    running.clear("deferred", deferred.run, "etl")
    until("a second FlowRun", lambda: len(deferred.runs()) == 2, 120, running.picture)
    before, after = sorted(deferred.runs(), key=lambda run: str(run["metadata"]["creationTimestamp"]))
    assert (before["metadata"]["name"], before["status"]["phase"]) == (first, "Cancelled")
    assert before["status"]["completionTime"] <= after["metadata"]["creationTimestamp"]
    place.reached(after["metadata"]["name"], "Running")
    deferred.settled(2)
    deferred.let_go(after["metadata"]["name"])
    deferred.reached("success")


def test_a_deferral_that_times_out_cancels_its_run(running: Installation, place: Namespace) -> None:
    held = Held(running, place, "short")
    held.reached("failed")
    (run,) = held.runs()
    assert place.ended(run["metadata"]["name"])["phase"] == "Cancelled"


def test_a_try_goes_on_with_the_run_of_one_whose_process_died(
    running: Installation, place: Namespace
) -> None:
    held = Held(running, place, "direct")
    name = held.begun()
    os.kill(held.reached("running")["pid"], signal.SIGKILL)
    until("the second try", lambda: held.reached("running")["try_number"] == 2, 120, running.picture)
    held.let_go(name)
    held.reached("success")
    (run,) = held.runs()
    assert running.xcom("direct", held.run, "etl") == run["status"]["result"]


def test_a_running_task_that_is_marked_cancels_its_run(running: Installation, place: Namespace) -> None:
    held = Held(running, place, "direct")
    name = held.begun()
    running.mark("direct", held.run, "etl", "failed")
    assert place.ended(name)["phase"] == "Cancelled"
