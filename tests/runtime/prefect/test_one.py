"""Flows of Prefect 1.x, unedited: where their tasks run, and what they come to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Pods

FLOWS = """
import os
from datetime import timedelta
from prefect import Flow, Parameter, task
from prefect.executors import LocalDaskExecutor
from prefect.schedules import IntervalSchedule

@task
def pid(n):
    return os.getpid()

@task
def double(n):
    return 2 * n

@task
def bad(n):
    if n == 1:
        raise ValueError(f"no {n} today")

@task
def after(n):
    return n

with Flow("one", schedule=IntervalSchedule(interval=timedelta(days=1))) as one:
    n = Parameter("n")
    found = pid(n)

with Flow("many", executor=LocalDaskExecutor()) as many:
    n = Parameter("n", default=2)
    pid(n)
    double(n)

with Flow("failing") as failing:
    after(bad.map([0, 1, 2]))

with Flow("local") as own:
    pid(1)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, pyz: bytes, certificates: Path) -> Iterator[Pods]:
    """A standing cluster for all of these tests."""
    pods = Pods(tmp_path_factory.mktemp("prefect1"), pyz, certificates).image("prefect1")
    pods.file("flows.py", FLOWS)
    pods.scheduler(DASKFLOW_OWNED="0")
    pods.worker()
    yield pods
    pods.end()


def run(cluster: Pods, flow: dict[str, Any], **more: Any) -> dict[str, Any]:
    runner = cluster.runner(flow, 1, f"runner-{len(cluster.pods)}", **more)
    runner.wait(60)
    return {**runner.message(), "log": runner.log()}


def test_tasks_run_on_the_cluster_and_a_schedule_is_not_followed(cluster: Pods) -> None:
    outcome = run(cluster, {"entrypoint": "flows.py:one", "parameters": {"n": 1}})
    assert {each["name"] for each in outcome["report"]["prefixes"]} == {"n", "pid"}
    assert outcome["result"] == cluster.pods[1].popen.pid, outcome["log"]
    assert "flows.py:one is a Prefect flow (1.4.1); parameters: n" in outcome["log"]
    assert "WARNING: the schedule of the flow 'one' is not followed" in outcome["log"]


def test_several_terminal_tasks_give_their_results_by_name(cluster: Pods) -> None:
    outcome = run(cluster, {"entrypoint": "flows:many", "parameters": {"n": 4}})
    assert outcome["result"] == {"pid": cluster.pods[1].popen.pid, "double": 8}, outcome["log"]
    assert "LocalDaskExecutor is for one machine" in outcome["log"]


def test_failed_tasks_are_named_and_those_after_them_not(cluster: Pods) -> None:
    outcome = run(cluster, {"entrypoint": "flows:failing"})
    assert (outcome["outcome"], outcome["reason"]) == ("Failed", "FlowFailed"), outcome["log"]
    assert outcome["failure"]["exception"] == "ValueError"
    assert "The Prefect flow 'failing' is Failed: ValueError: no 1 today" in outcome["message"]
    assert "failed tasks: bad[1]." in outcome["message"]


@pytest.mark.parametrize(
    ("parameters", "part"), [({}, "missing: n"), ({"n": 1, "m": 2}, "unknown: m"), ({"false": 1}, None)]
)
def test_parameters_are_checked(cluster: Pods, parameters: dict[str, Any], part: str | None) -> None:
    outcome = run(cluster, {"entrypoint": "flows:one", "parameters": parameters})
    if part is None:  # a bare n in YAML 1.1
        assert outcome["outcome"] == "Succeeded", outcome["log"]
    else:
        assert outcome["reason"] == "ParametersInvalid", outcome["log"]
        assert f"The parameters do not fit the flow 'one' (n): {part}" in outcome["message"]


def test_the_old_class_path_is_overridden_also_for_a_script_that_runs_its_flow(cluster: Pods) -> None:
    script = "from flows import own\nstate = own.run()\n"
    script += "result = [end.result for task, end in state.result.items() if task.name == 'pid'][0]"
    old = {"PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS": "prefect.engine.executors.DaskExecutor"}
    outcome = run(cluster, {"script": script}, **old)
    assert outcome["result"] == cluster.pods[1].popen.pid, outcome["log"]
    assert "it is taken as prefect.executors.DaskExecutor" in outcome["log"]
