"""Flows of Prefect on clusters that waited for them: with its server up, or without word of Prefect."""

from typing import Any

import pytest

from tests.runtime.conftest import Pods
from tests.runtime.prefect.database import database
from tests.runtime.scaling import secret
from tests.runtime.waiting import Waiting

THREE = """
import os
from prefect import flow, task

@task
def where():
    return os.getpid()

@flow
def etl(day: str):
    return [where.submit().result(), day, os.environ["PREFECT_API_URL"]]
"""
ONE = """
import os
from prefect import Flow, task

@task
def pid():
    return os.getpid()

with Flow("one") as one:
    pid()
"""


@pytest.mark.parametrize("prepared", ["1", ""], ids=["prepared", "unaware"])
def test_a_flow_of_Prefect_3(pods: Pods, monkeypatch: pytest.MonkeyPatch, prepared: str) -> None:
    secret(pods, monkeypatch)
    pods.image("prefect3").file("etl.py", THREE)
    told: dict[str, Any] = {"DASKFLOW_POD_IP": "127.0.0.1", "DASKFLOW_PREFECT_PORT": 0}
    told["DASKFLOW_PREFECT_DATABASE"] = database()
    waiting = Waiting(pods, 1, DASKFLOW_STANDBY_PREFECT=prepared, **told)
    waiting.parked()
    serving = "a Prefect server for this run starts"
    assert (serving in waiting.runner.log()) is bool(prepared)
    waiting.claim({"entrypoint": "etl.py:etl", "parameters": {"day": "today"}})
    outcome = waiting.outcome()
    assert outcome["outcome"] == "Succeeded", waiting.runner.log()
    pid, day, url = outcome["result"]
    assert (pid, day) == (waiting.workers[0].popen.pid, "today")
    assert f"{serving} at {url}" in waiting.runner.log()


def test_a_flow_of_Prefect_1(pods: Pods, monkeypatch: pytest.MonkeyPatch) -> None:
    secret(pods, monkeypatch)
    pods.image("prefect1").file("flows.py", ONE)
    waiting = Waiting(pods, 1)
    waiting.parked()
    waiting.claim({"entrypoint": "flows:one"})
    outcome = waiting.outcome()
    assert outcome["result"] == waiting.workers[0].popen.pid, waiting.runner.log()
