"""Each line says what it is about, in either form; nothing secret is ever in one."""

import base64
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from daskflow.controller import logs
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key

from tests.simulation.kubernetes.http import HttpServer
from tests.simulation.scenarios import RUN, SCENARIOS
from tests.unit.controller.process import changed, operating

KEY = Key("FlowRun", "data", "etl")
OF_RUN = {"metadata": {"labels": {"daskflow.dev/run": "etl"}}}


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    token = logs._ABOUT.set({})
    yield
    logs._ABOUT.reset(token)


def line(form: logging.Formatter, message: str = "403 Forbidden: no", *, error: bool = False) -> str:
    info = None
    if error:
        try:
            raise ValueError("on purpose")
        except ValueError:
            info = sys.exc_info()
    return form.format(logging.LogRecord("daskflow.x", logging.WARNING, "", 1, message, (), info))


def test_a_line_of_json_has_the_run_and_its_attempt() -> None:
    logs.about(KEY, {"metadata": {}, "status": {"attempt": 2}})
    found = json.loads(line(logs.Json()))
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "WARNING",
        "logger": "daskflow.x",
        "message": "403 Forbidden: no",
        "kind": "FlowRun",
        "namespace": "data",
        "name": "etl",
        "run": "etl",
        "attempt": 2,
    }


def test_a_cluster_names_its_run() -> None:
    logs.about(Key("DaskCluster", "data", "etl-x-1"), OF_RUN)
    assert json.loads(line(logs.Json()))["run"] == "etl"
    assert line(logs.Text()).endswith("kind=DaskCluster namespace=data name=etl-x-1 run=etl")


def test_a_traceback_is_one_line_of_json() -> None:
    text = line(logs.Json(), error=True)
    assert "\n" not in text
    assert "ValueError: on purpose" in json.loads(text)["exception"]


def test_a_line_about_nothing_is_as_it_is() -> None:
    assert line(logs.Text()).endswith("WARNING daskflow.x 403 Forbidden: no")
    assert "run" not in json.loads(line(logs.Json()))


async def test_no_line_of_the_process_holds_what_is_secret(
    world: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the most talkative level, while it makes a cluster with its keys, and a call fails."""
    monkeypatch.setenv("DASKFLOW_LOG_FORMAT", "json")
    monkeypatch.setenv("DASKFLOW_LOG_LEVEL", "DEBUG")
    run = SCENARIOS["success"].run()
    run["spec"]["env"] = [{"name": "PASSWORD", "value": "swordfish"}]
    run["spec"]["flow"] |= {"parameters": {"token": "hunter2"}}
    said: list[str] = []
    errors = [ApiError(500, "InternalError", "etcd is away")]
    world.server.refuse = lambda body: errors.pop() if body["kind"] == "Service" and errors else None
    async with operating(said.append):
        world.server.create(run)
        await changed(world, lambda: any(key.kind == "Pod" for key in world.server.objects))
    lines = [json.loads(each) for each in said[0].splitlines()]
    assert any(each.get("run") == RUN.name for each in lines)
    secrets = [body for key, body in world.server.objects.items() if key.kind == "Secret"]
    assert len(secrets) == 2
    parts = [body.get(part, {}) for body in secrets for part in ("data", "stringData")]
    keys = [value for part in parts for value in part.values() if len(value) > 20]
    assert keys
    for secret in (*keys, "secret-token", "PRIVATE KEY", "swordfish", "hunter2"):
        assert secret not in said[0]
        assert base64.b64encode(secret.encode()).decode() not in said[0]
