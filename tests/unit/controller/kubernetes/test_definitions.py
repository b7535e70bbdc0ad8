"""Definitions that are older than the operator are told of."""

import asyncio
import copy
from random import Random
from typing import Any

from daskflow.api.crd import KINDS
from daskflow.controller.kubernetes.definitions import CRD, outdated, sentence
from daskflow.controller.kubernetes.events import Recorder
from daskflow.controller.kubernetes.verbs import ApiError
from daskflow.plan.model import Key, Object

from tests.simulation import loop
from tests.simulation.kubernetes.api_server import Server
from tests.simulation.kubernetes.objects import instant
from tests.simulation.operators.client import Client


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
