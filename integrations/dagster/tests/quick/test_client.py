"""Dagster itself executes assets of this client, before a Kubernetes API in memory."""

import json
import re
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from dagster import (
    AssetCheckSpec,
    AssetExecutionContext,
    DagsterExecutionInterruptedError,
    DagsterInstance,
    ExecuteInProcessResult,
    MaterializeResult,
    RetryPolicy,
    asset,
    materialize,
)
from dagster_daskflow import PipesDaskflowClient
from dagster_daskflow.manifest import Step
from dagster_pipes import decode_param
from kubernetes.client.exceptions import ApiException

from integrations.dagster.tests.quick.memory import Memory, materialized, said

SPEC = {"image": "flows:1", "flow": {"entrypoint": "etl.py:flow"}}
SUCCESS = {"phase": "Succeeded", "duration": "10s", "result": {"rows": 3}}


@asset(check_specs=[AssetCheckSpec("positive", asset="sales")], retry_policy=RetryPolicy(max_retries=1))
def sales(context: AssetExecutionContext, daskflow: PipesDaskflowClient) -> MaterializeResult:
    return daskflow.run(context=context, spec=SPEC, extras={"day": 1}).get_materialize_result()


def execute(api: Memory, monkeypatch: pytest.MonkeyPatch, **options: Any) -> ExecuteInProcessResult:
    monkeypatch.setattr("dagster_daskflow.client.Api", lambda *access: api)
    client = PipesDaskflowClient(poll_interval=0.01)
    return materialize([sales], resources={"daskflow": client}, raise_on_error=False, **options)


def checked(passed: bool) -> str:
    words = {"asset_key": "sales", "check_name": "positive", "severity": "ERROR", "metadata": {}}
    return said("report_asset_check", passed=passed, **words)


def test_what_the_flow_reports_is_the_assets(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    log = [said("opened", extras={}), said("log", message="half way", level="INFO"), "a line of its own"]
    log += [materialized("sales", 3), checked(True), said("closed")]
    done = execute(api := Memory(log, status=SUCCESS), monkeypatch)
    assert done.success
    [event] = done.asset_materializations_for_node("sales")
    shown = {name: value.value for name, value in event.metadata.items()}
    assert shown["rows"] == 3
    assert shown["daskflow_run"] == f"flows/{api.created[0]}"
    assert shown["daskflow_result"] == {"rows": 3}
    [evaluated] = done.get_asset_check_evaluations()
    assert evaluated.passed
    out, err = capfd.readouterr()
    assert "a line of its own" in out
    assert "half way" in err
    assert "report_asset" not in out


def test_the_runner_is_told_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    done = execute(api := Memory([], status=SUCCESS), monkeypatch)
    [run] = api.runs.values()
    [runner] = run["spec"]["runner"]["template"]["spec"]["containers"]
    told = {each["name"]: decode_param(each["value"]) for each in runner["env"]}
    assert told["DAGSTER_PIPES_MESSAGES"] == {"stdio": "stderr"}
    data = told["DAGSTER_PIPES_CONTEXT"]["data"]
    assert data["run_id"] == done.run_id
    assert data["extras"] == {"day": 1}
    assert "env" not in run["spec"]


def test_what_a_failed_attempt_reported_is_void(monkeypatch: pytest.MonkeyPatch) -> None:
    first = [said("opened", extras={}), materialized("sales", 1), checked(False)]
    second = [said("opened", extras={}), materialized("sales", 2), checked(True), said("closed")]
    done = execute(Memory(first, second, status=SUCCESS), monkeypatch)
    [event] = done.asset_materializations_for_node("sales")
    assert event.metadata["rows"].value == 2
    assert event.metadata["daskflow_attempts"].value == 2
    assert [each.passed for each in done.get_asset_check_evaluations()] == [True]


@pytest.mark.parametrize(
    ("reason", "tries"), [("OutOfMemory", 2), ("ParametersInvalid", 1), ("ImageInvalid", 1), ("Cancelled", 1)]
)
def test_a_failure_says_why(monkeypatch: pytest.MonkeyPatch, reason: str, tries: int) -> None:
    status = {"phase": "Failed", "reason": reason, "message": "worker-2 needed more than 2Gi."}
    status["failure"] = {"exception": "MemoryError", "traceback": "line 3"}
    done = execute(api := Memory([], status=status), monkeypatch)
    assert not done.success
    failure = done.failure_data_for_node("sales")
    assert failure is not None
    assert failure.user_failure_data is not None
    description = str(failure.user_failure_data.description)
    assert f"is Failed: {reason}: worker-2 needed more than 2Gi." in description
    assert failure.user_failure_data.metadata["traceback"].value == "line 3"
    assert len(set(api.created)) == tries  # a retry of Dagster's is a run of its own


def test_a_run_that_goes_on_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([materialized("sales", 3), checked(True)], status=SUCCESS)
    with DagsterInstance.ephemeral() as instance:
        first = execute(api, monkeypatch, instance=instance)
        [name] = api.created
        api.runs[name]["looks"] = 0
        # As a run that was made of the first one, whose process was lost, would look for it.
        monkeypatch.setattr("dagster_daskflow.client.Step", lambda *of: Step(of[0], first.run_id, *of[2:]))
        again = execute(api, monkeypatch, instance=instance)
    assert again.run_id != first.run_id
    assert api.created == [name]
    [event] = again.asset_materializations_for_node("sales")
    assert event.metadata["daskflow_run"].value == f"flows/{name}"


def test_an_api_server_that_does_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([materialized("sales", 3), checked(True)], status=SUCCESS)
    api.troubles = [ApiException(status=503), ConnectionResetError(), ApiException(status=429)]
    assert execute(api, monkeypatch).success
    assert not api.troubles


def test_a_spec_that_is_refused_fails_at_once_in_the_servers_words(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([], status=SUCCESS)
    api.troubles = [ApiException(http_resp=None, status=422, reason="spec.image is needed")]
    done = execute(api, monkeypatch)
    failure = done.failure_data_for_node("sales")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "spec.image is needed" in str(failure.user_failure_data.description)
    assert api.created == []


def test_a_namespace_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([], status=SUCCESS)
    trouble = ApiException(status=404)
    trouble.body = '{"message": "namespaces \\"flows\\" not found", "code": 404}'
    api.troubles = [trouble]
    failure = execute(api, monkeypatch).failure_data_for_node("sales")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.description == (
        'Kubernetes refuses a FlowRun in flows: namespaces "flows" not found;'
        " correct namespace of the client, or install daskflow there"
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "etcdserver: request is too large"),
        (500, "trying to send message larger than max (2200000 vs. 2097152)"),
        (413, "Request entity too large: limit is 3145728"),
    ],
)
def test_a_run_that_is_too_large_fails_at_once(
    monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    api = Memory([], status=SUCCESS)
    trouble = ApiException(status=status)
    trouble.body = json.dumps({"message": said, "code": status})
    api.troubles = [trouble]
    failure = execute(api, monkeypatch).failure_data_for_node("sales")
    assert failure is not None
    assert failure.user_failure_data is not None
    words = str(failure.user_failure_data.description)
    assert "1.5 MiB as a rule: put parameters and extras into storage" in words
    assert api.created == []


def test_a_machine_without_access_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    client = PipesDaskflowClient(kubeconfig=str(tmp_path / "none"))
    done = materialize([sales], resources={"daskflow": client}, raise_on_error=False)
    failure = done.failure_data_for_node("sales")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert re.fullmatch(
        "Kubernetes cannot be reached: Invalid kube-config file. No configuration found; give .*",
        str(failure.user_failure_data.description),
    )


def test_seconds_between_looks_are_more_than_none() -> None:
    with pytest.raises(ValueError, match="poll_interval: -1 will not do"):
        PipesDaskflowClient(poll_interval=-1)


def test_an_interruption_cancels_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([], status=SUCCESS)
    get = api.get

    def interrupted(name: str) -> Any:
        if api.cancelled:
            return get(name)
        raise DagsterExecutionInterruptedError

    monkeypatch.setattr(api, "get", interrupted)
    assert not execute(api, monkeypatch).success
    assert api.cancelled == api.created[:1] != []


def test_a_run_that_somebody_deletes_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([], status=SUCCESS)
    monkeypatch.setattr(api, "get", lambda name: None)
    done = execute(api, monkeypatch)
    failure = done.failure_data_for_node("sales")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "was deleted before it had ended" in str(failure.user_failure_data.description)


def test_a_run_that_is_gone_once_it_has_succeeded_has_succeeded(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Memory([materialized("sales", 3), checked(True)], status=SUCCESS)
    get = api.get

    def once(name: str) -> Any:
        found = get(name)
        if found and found["status"].get("completionTime"):
            del api.runs[name]  # as with a retention of nothing
        return found

    monkeypatch.setattr(api, "get", once)
    assert execute(api, monkeypatch).success


def test_a_run_whose_log_may_not_be_read_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*given: Any) -> Any:
        raise ApiException(status=403)

    api = Memory([], status=SUCCESS)
    get = api.get

    def until_it_is_told(name: str) -> Any:  # not before the thread has read it
        return {**(get(name) or {}), "status": {"phase": "Running"}}

    monkeypatch.setattr(api, "get", until_it_is_told)
    monkeypatch.setattr(api, "log", forbidden)
    assert not execute(api, monkeypatch).success
    assert set(api.cancelled) == set(api.created) != set()


def test_a_log_that_is_not_read_to_its_end_is_told(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    stuck = Event()
    monkeypatch.setattr("dagster_daskflow.invocation._LAST_WORDS", 0.01)
    api = Memory([materialized("sales", 3), checked(True)], status=SUCCESS)
    monkeypatch.setattr(api, "log", lambda *given: stuck.wait(60) and iter(()))
    execute(api, monkeypatch)
    stuck.set()
    assert "has not been read to its end" in capfd.readouterr().err
