"""Tasks in DAGs that Airflow itself runs, against an API server at HTTP level."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.taskinstance import TaskInstance
from airflow.sdk import DAG, task
from airflow_provider_daskflow import hook
from airflow_provider_daskflow.operators import DaskflowRunOperator
from airflow_provider_daskflow.outcome import ANNOTATION_GIVEN_UP
from airflow_provider_daskflow.sensors import DaskflowRunSensor
from airflow_provider_daskflow.task_try import TaskTry

from integrations.airflow.tests.quick.api_server import ApiServer

pytestmark = pytest.mark.usefixtures("database")
_numbers = count()


@pytest.fixture
def dag() -> DAG:
    return DAG(f"of-tests-{next(_numbers)}", schedule=None)


@pytest.fixture
def made(dag: DAG, kubeconfig: str) -> Callable[..., DaskflowRunOperator]:
    """The operator, with a connection to the server."""

    def make(**given: Any) -> DaskflowRunOperator:
        defaults = {"task_id": "etl", "image": "flows:1", "entrypoint": "etl:flow", "poll_interval": 0.05}
        connection = {"kubernetes_conn_id": None, "config_file": kubeconfig}
        return DaskflowRunOperator(dag=dag, **{**defaults, **connection, **given})

    return make


def ending(server: ApiServer, **status: Any) -> None:
    """Runs begin, and end so."""

    def run(name: str, namespace: str) -> None:
        server.status(name, namespace, phase="Running")
        server.logs[name] = [("2026-01-01T00:00:00.000000001Z", "the flow's first line")]
        server.status(name, namespace, **status)

    server.made = run


def instances(dag: DAG) -> dict[str, TaskInstance]:
    """The tasks after a run of the DAG, which Airflow is told of as by a file of its folder."""
    bundles = DagBundlesManager()
    bundles.sync_bundles_to_db()
    bag = DagBag(os.environ["AIRFLOW_HOME"], collect_dags=False)
    bag.bag_dag(dag)
    sync_bag_to_db(bag, "dags-folder", None)
    return {each.task_id: each for each in dag.test().get_task_instances()}


def instance(dag: DAG) -> TaskInstance:
    """The only one."""
    (found,) = instances(dag).values()
    return found


def only(server: ApiServer) -> Any:
    (run,) = server.runs.values()
    return run


@pytest.mark.parametrize("deferrable", [False, True])
def test_a_task_is_a_run_and_its_result(
    server: ApiServer, dag: DAG, made: Any, deferrable: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    ending(server, phase="Succeeded", result={"rows": 3})
    made(
        parameters={"day": "{{ dag.dag_id }}"},
        workers=3,
        deferrable=deferrable,
        run_url="https://x/{namespace}/{name}",
    )
    ti = instance(dag)
    assert ti.state == "success"
    assert ti.xcom_pull("etl") == {"rows": 3}
    run = only(server)
    assert ti.xcom_pull("etl", key="run_name") == run["metadata"]["name"]
    assert ti.xcom_pull("etl", key="run_namespace") == "default"
    assert ti.xcom_pull("etl", key="_link_FlowRunLink") == f"https://x/default/{run['metadata']['name']}"
    assert run["spec"] == {
        "image": "flows:1",
        "flow": {"entrypoint": "etl:flow", "parameters": {"day": dag.dag_id}},
        "cluster": {"workers": {"replicas": 3}},
    }
    assert run["metadata"]["annotations"]["airflow.daskflow.dev/reported"] == "true"
    assert capfd.readouterr().out.count("[runner] the flow's first line") == 1


@pytest.mark.parametrize(("reason", "runs"), [("FlowFailed", 2), ("ParametersInvalid", 1), ("Cancelled", 1)])
def test_a_failure_is_retried_where_that_can_help(
    server: ApiServer, dag: DAG, made: Any, reason: str, runs: int, capfd: pytest.CaptureFixture[str]
) -> None:
    failure = {"exception": "ValueError", "traceback": "in flow: no"}
    ending(server, phase="Failed", reason=reason, message="ValueError: no", failure=failure)
    made(deferrable=True, retries=1, retry_delay=timedelta(0))
    assert instance(dag).state == "failed"
    names = [name for _, name in server.runs]
    assert len(names) == runs
    said = capfd.readouterr().out
    assert all(f"FlowRun default/{name}: {reason}: ValueError: no" in said for name in names)
    assert said.count("in flow: no") == runs


@pytest.mark.parametrize("phase", ["Failed", "Cancelled", "Succeeded"])
def test_a_dag_run_that_was_deleted_and_is_made_again_has_runs_of_its_own(
    server: ApiServer, made: Any, phase: str
) -> None:
    operator, task = made(), TaskTry("d", "etl", "scheduled__2026-01-01", -1, 1)
    old = operator._begin(task)["metadata"]
    server.status(old["name"], phase=phase)
    operator.hook.report(old["name"], old["namespace"])
    new = operator._begin(task)["metadata"]
    assert new["uid"] != old["uid"]
    assert operator._begin(task)["metadata"]["uid"] == new["uid"]


def test_a_run_that_is_made_while_its_task_is_killed_is_cancelled(
    server: ApiServer, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = made()

    def create(*given: Any) -> Any:
        operator.on_kill()
        return real(*given)

    real = hook.DaskflowHook.create
    monkeypatch.setattr(hook.DaskflowHook, "create", create)
    operator._begin(TaskTry("d", "etl", "r", -1, 1))
    assert only(server)["spec"]["cancel"] is True


def test_a_try_goes_on_with_the_run_of_the_one_before(
    server: ApiServer, dag: DAG, made: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def begins(name: str, namespace: str) -> None:
        server.status(name, namespace, phase="Running")
        server.faults.append(418)  # the first try is lost at its next look

    looks = count()

    def ends(request: str) -> None:
        if request.startswith("GET") and server.runs and next(looks) == 4:
            server.status(only(server)["metadata"]["name"], phase="Succeeded", result=7)

    server.made, server.asked = begins, ends
    made(retries=1, retry_delay=timedelta(0), get_logs=False)
    ti = instance(dag)
    assert (ti.state, ti.try_number, ti.xcom_pull("etl")) == ("success", 2, 7)
    assert "of an earlier try is gone on with" in capfd.readouterr().out
    assert sum(each.startswith("POST") for each in server.requests) == 1


@pytest.mark.parametrize("by_its_task", [True, False])
def test_a_run_that_was_to_end_with_the_try_before_is_none_of_this_one(
    server: ApiServer, dag: DAG, made: Any, by_its_task: bool
) -> None:
    """A trigger may still have to cancel its run when the task that was cleared is tried again."""
    looks = count()

    def begins(name: str, namespace: str) -> None:
        if len(server.runs) == 1:
            server.status(name, namespace, phase="Running")
            server.faults.append(418)  # the first try is lost at its next look
        else:
            server.status(name, namespace, phase="Succeeded", result="second")

    def cancelled(request: str) -> None:
        if request.startswith("GET") and len(server.runs) == 1 and next(looks) == 4:
            run = only(server)
            if by_its_task:
                run["metadata"].setdefault("annotations", {})[ANNOTATION_GIVEN_UP] = "true"
            server.status(run["metadata"]["name"], phase="Cancelled", reason="Cancelled")

    server.made, server.asked = begins, cancelled
    made(retries=1, retry_delay=timedelta(0), get_logs=False)
    ti = instance(dag)
    assert (ti.state, ti.try_number, len(server.runs)) == (
        ("success", 2, 2) if by_its_task else ("failed", 2, 1)
    )


def test_a_run_that_the_triggerer_cannot_follow_is_waited_for_by_the_task(
    server: ApiServer, dag: DAG, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(request: str) -> None:
        if server.runs and request.endswith("/flowruns"):  # the trigger's first look
            server.faults.append(403)
        elif "/flowruns/" in request:
            server.status(only(server)["metadata"]["name"], phase="Succeeded", result=7)

    monkeypatch.setattr(hook, "PATIENCE", -1.0)
    server.asked = refuses
    made(deferrable=True, get_logs=False)
    ti = instance(dag)
    assert (ti.state, ti.xcom_pull("etl")) == ("success", 7)


def test_arguments_that_turn_out_wrong_fail_at_once(
    server: ApiServer, dag: DAG, made: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    made(workers="{{ 'many' }}", retries=3)
    assert instance(dag).state == "failed"
    assert not server.runs
    assert 'spec.cluster.workers.replicas: "many" will not do' in capfd.readouterr().out


@pytest.mark.parametrize("deferrable", [False, True])
def test_a_sensor_waits_for_a_run_that_somebody_makes(
    server: ApiServer, dag: DAG, kubeconfig: str, deferrable: bool
) -> None:
    def appears(request: str) -> None:
        if len(server.requests) == 2:
            body = {"metadata": {"name": "theirs", "namespace": "default", "uid": "one"}, "spec": {}}
            server.runs["default", "theirs"] = body
            server.status("theirs", phase="Succeeded", result="done")

    server.asked = appears
    connection = {"kubernetes_conn_id": None, "config_file": kubeconfig}
    DaskflowRunSensor(
        task_id="wait", name="theirs", poke_interval=0.05, deferrable=deferrable, dag=dag, **connection
    )
    ti = instance(dag)
    assert (ti.state, ti.xcom_pull("wait")) == ("success", "done")


def test_a_decorated_function_is_sent_with_its_arguments(
    server: ApiServer, dag: DAG, kubeconfig: str
) -> None:
    scripts: list[Any] = []

    def runs(name: str, namespace: str) -> None:
        flow = server.runs[namespace, name]["spec"]["flow"]
        found: dict[str, Any] = {}
        os.environ["DASKFLOW_PARAMETERS"] = json.dumps(flow["parameters"])
        exec(flow["script"], found)  # as the runner does
        scripts.append(flow["script"])
        server.status(name, namespace, phase="Succeeded", result=found["result"])

    server.made = runs
    connection = {"kubernetes_conn_id": None, "config_file": kubeconfig, "poll_interval": 0.05}
    with dag:

        @task.daskflow(image="flows:1", **connection)
        def doubled(values: list[Path], factor: int = 2) -> list[int]:
            import math

            return [factor * math.floor(each) for each in values]

        doubled(doubled([1.5, 2]))  # type: ignore[list-item]
    tis = instances(dag)
    assert tis["doubled__1"].xcom_pull("doubled__1") == [4, 8]
    assert "Path" not in scripts[0]
