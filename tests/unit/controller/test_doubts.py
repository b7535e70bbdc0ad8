"""What the operator doubts and says so: its clock, its rights, the definitions that are installed."""

import asyncio
import copy
import logging
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from daskflow.api.crd import KINDS
from daskflow.controller.clock import WallClock
from daskflow.controller.known.store import Store
from daskflow.controller.kubernetes.definitions import CRD, outdated, sentence
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.controller.metrics import Metrics
from daskflow.controller.queue import Queue
from daskflow.plan.model import Key, Object
from prometheus_client import generate_latest

from tests.simulation import loop
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client
from tests.unit.controller.test_refusals import RBAC

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Machine:
    """Its clock, which somebody sets."""

    def __init__(self) -> None:
        self.wrong = timedelta()

    def now(self) -> datetime:
        return NOW + self.wrong + timedelta(seconds=asyncio.get_running_loop().time())


@pytest.mark.parametrize(
    ("wrong", "planned"),
    [(86400.0, 0.0), (61.0, 0.0), (59.0, 59.0), (0.0, 0.0), (-30.0, -30.0), (-86400.0, -86400.0)],
)
def test_planners_have_the_earlier_of_two_clocks(
    wrong: float, planned: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def life() -> None:
        machine = Machine()
        clock = WallClock(machine.now)
        assert clock.now() == machine.now()
        clock.header("Sun, 01 Mar 2026 00:00:00 GMT")
        await asyncio.sleep(100)
        machine.wrong = timedelta(seconds=wrong)
        for _ in range(3):
            assert clock.now() == NOW + timedelta(seconds=100 + planned)
        assert clock.ahead() == pytest.approx(wrong)
        machine.wrong = timedelta()
        assert clock.now() == NOW + timedelta(seconds=100)

    loop.run(life())
    told = [record.levelno for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == (2 if abs(wrong) > 60 else 0)


def test_a_date_that_is_none_is_not_believed() -> None:
    async def life() -> None:
        clock = WallClock(Machine().now)
        for header in (None, "", "yesterday", "x" * 10_000, "Sun, 99 Mar 2026 00:00:00 GMT"):
            clock.header(header)
        assert clock.ahead() == 0.0

    loop.run(life())


def metrics() -> Metrics:
    queue = Queue()
    return Metrics(Store(changed=queue.add), queue)


def test_a_list_that_may_not_be_made_is_not_ready_until_it_is() -> None:
    found, ready = metrics(), asyncio.Event()
    assert found.unready(ready) == "listing"
    ready.set()
    assert found.unready(ready) == ""
    found.requested("LIST", "Pod", 403, RBAC.format("list"))
    assert found.unready(ready).startswith("may not list Pods: pods is forbidden")
    found.requested("GET", "Pod", 200)
    assert found.unready(ready)
    found.requested("LIST", "Pod", 200)
    assert found.unready(ready) == ""
    found.requested("POST", "Pod", 403, RBAC.format("create"))
    assert found.unready(ready) == "", "what waits for that right says so itself"
    text = generate_latest(found.registry).decode()
    assert 'daskflow_api_denied_total{kind="Pod",verb="LIST"} 1.0' in text
    assert 'daskflow_api_denied_total{kind="Pod",verb="POST"} 1.0' in text


def older(**changes: Any) -> Object:
    """The definition of FlowRuns of a version before."""
    crd: dict[str, Any] = copy.deepcopy(KINDS[0].definition)
    (version,) = crd["spec"]["versions"]
    status = version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
    for name in changes.get("without", ()):
        del status[name]
    if "phases" in changes:
        status["phase"]["enum"] = changes["phases"]
    crd["metadata"] |= {"uid": "u", "resourceVersion": "1"}
    return crd


def test_a_definition_that_knows_all_is_no_news() -> None:
    assert sentence(KINDS[0], older()) == ""
    more = older()
    more["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]["new"] = {}
    assert sentence(KINDS[0], more) == "", "of a later version"


def test_an_older_definition_is_told_with_what_it_lacks() -> None:
    assert "lacks status.result, status.resultNote. Apply" in sentence(
        KINDS[0], older(without=("result", "resultNote"))
    )
    assert "lacks status.phase=Pending, " in sentence(KINDS[0], older(phases=["Running"]))


def test_it_is_told_in_an_event_and_never_in_the_way() -> None:
    class Definitions(Client):
        async def get(self, key: Key) -> Object:
            if key.kind != CRD or not key.name.startswith("flowruns"):
                raise ApiError(403, "Forbidden", "no")
            return older(without=("result",))

    async def life() -> None:
        api = Definitions(Server(Random(1)), Random(1))
        recorder = Recorder(api, instant)
        assert await outdated(api, recorder) == ("FlowRun",)
        await asyncio.sleep(5)
        (event,) = [body for key, body in api.server.objects.items() if key.kind == "Event"]
        assert (event["reason"], event["involvedObject"]["kind"]) == ("DefinitionOutdated", CRD)

    loop.run(life())
