"""The log of a run's runner, line by line, from an API server at HTTP level."""

from collections.abc import Callable

import pytest
from airflow_provider_daskflow import runner_log
from airflow_provider_daskflow.hook import DaskflowHook
from airflow_provider_daskflow.runner_log import RunnerLog

from integrations.airflow.tests.quick.api_server import ApiServer


@pytest.fixture
def log(kubeconfig: str) -> Callable[[], RunnerLog]:
    hook = DaskflowHook(conn_id=None, kubernetes_conn_id=None, config_file=kubeconfig)
    return lambda: RunnerLog(hook.core_v1_client, "etl", "default")


def lines(*numbers: int) -> list[tuple[str, str]]:
    """Ten lines a second."""
    return [(f"2026-01-01T00:00:{each // 10:02}.{each % 10}00000000Z", f"line {each}") for each in numbers]


def test_each_line_comes_once(server: ApiServer, log: Callable[[], RunnerLog]) -> None:
    reader = log()
    assert list(reader.news()) == []
    server.logs["etl"] = lines(*range(15))
    assert list(reader.news()) == [f"line {each}" for each in range(15)]
    server.logs["etl"] += lines(15, 16)
    server.faults.append(500)
    assert list(reader.news()) == []
    assert list(reader.news()) == ["line 15", "line 16"]
    assert list(reader.news(last=True)) == []


def test_a_long_log_comes_in_pieces(
    server: ApiServer, log: Callable[[], RunnerLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_log, "_PIECE", 100)  # less than the lines of a second
    server.logs["etl"] = lines(*range(95))
    assert list(log().news()) == [f"line {each}" for each in range(95)]


def test_what_a_kubelet_says_of_a_log_is_no_line_of_it(
    server: ApiServer, log: Callable[[], RunnerLog]
) -> None:
    reader = log()
    server.logs["etl"] = [*lines(1), ("unable", "to retrieve container logs for containerd://4c1f")]
    assert list(reader.news()) == ["line 1"]
    server.logs["etl"] = lines(1, 2)
    assert list(reader.news(last=True)) == ["line 2"]


def test_who_may_not_read_it_is_told_so_once(server: ApiServer, log: Callable[[], RunnerLog]) -> None:
    reader = log()
    server.faults.append(403)
    assert list(reader.news()) == []
    assert reader.refused == "Airflow may not list pods and get pods/log in default"
    assert list(reader.news()) == []
    assert len(server.requests) == 1
