"""What is done with the API server's answers to a task."""

from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from airflow_provider_daskflow.hook import DaskflowHook, Patience
from airflow_provider_daskflow.task_try import TaskTry

from integrations.airflow.tests.quick.api_server import ApiServer

TASK = TaskTry("sales", "etl", "manual", -1, 1)


@pytest.fixture
def hook(kubeconfig: str) -> DaskflowHook:
    return DaskflowHook(conn_id=None, kubernetes_conn_id=None, config_file=kubeconfig)


def run(task: TaskTry, name: str = "etl") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default", "labels": task.labels()}, "spec": {}}


def test_a_try_that_has_made_its_run_makes_no_other(server: ApiServer, hook: DaskflowHook) -> None:
    server.faults.append(503)
    made = hook.create(run(TASK), TASK)
    assert hook.create(run(TASK), TASK)["metadata"]["uid"] == made["metadata"]["uid"]


def test_a_strangers_run_of_the_same_name_is_left_alone(server: ApiServer, hook: DaskflowHook) -> None:
    hook.create(run(TaskTry("theirs", "etl", "manual", -1, 1)), TASK)
    said = (
        "a FlowRun default/etl is there that this task has not made; delete it, or give the operator another"
    )
    with pytest.raises(AirflowFailException, match=said):
        hook.create(run(TASK), TASK)


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (422, AirflowFailException, "the API server refuses the FlowRun: as the test wants it"),
        (404, AirflowFailException, "no FlowRun can be made in default: as the test wants it; is daskflow"),
        (418, AirflowException, "the API server answers 418 to create of flowruns in default: as the test"),
    ],
)
def test_a_refusal_is_a_sentence(
    server: ApiServer, hook: DaskflowHook, status: int, error: type[Exception], said: str
) -> None:
    server.faults.append(status)
    with pytest.raises(error, match=said) as raised:
        hook.create(run(TASK), TASK)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("status", "said"), [(500, "etcdserver: request is too large"), (413, "Request entity too large")]
)
def test_a_run_that_is_too_large_ends_at_once(
    server: ApiServer, hook: DaskflowHook, status: int, said: str
) -> None:
    server.words = said
    server.faults.append(status)
    with pytest.raises(AirflowFailException, match=r"1\.5 MiB as a rule: put parameters into storage"):
        hook.create(run(TASK), TASK)
    assert not server.runs


def test_patience_has_an_end_only_for_who_is_refused() -> None:
    now = [0.0]
    patience = Patience(lambda: now[0])
    pauses = []
    for _ in range(8):
        pauses.append(patience.pause(None))
        now[0] += 1000
    assert pauses == [2, 4, 8, 16, 30, 30, 30, 30]
    assert patience.pause(403) == 30
    now[0] += 299
    assert patience.pause(401) == 30
    now[0] += 2
    assert patience.pause(403) is None
    patience.answered()
    assert patience.pause(403) == 2
    assert patience.pause(404) is None
