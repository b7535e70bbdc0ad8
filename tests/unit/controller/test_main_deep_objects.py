"""One object that is beyond all measure is nobody else's affair: the whole process, kopf included."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import pytest
from daskflow.api.names import DASK_CLUSTER, FLOW_RUN, FLOW_SCHEDULE
from daskflow.plan.model import Key

from tests.simulation.kubernetes.http import HttpServer
from tests.simulation.scenarios.scenario import Scenario
from tests.simulation.scenarios.schedule_scenario import ScheduleScenario
from tests.unit.controller.process import changed, operating

LISTS = "[" * 220 + "]" * 220
DEEP = "[" * 1_200 + "]" * 1_200
OBJECTS = '{"f:a":' * 10_000 + "{}" + "}" * 10_000
ODD = r'["\ud800", "\\\udc00x", 1e400, "NaN", "\u0000", ' + "7" * 5_000 + "]"
"""What an API server would have changed before it stores it, and other ones might not."""

POISONS = {"lists": LISTS, "deep": DEEP, "objects": OBJECTS}

RUN = Scenario("run", ()).manifest
CLUSTER = Scenario("cluster", (), kind=DASK_CLUSTER).manifest
SCHEDULE = ScheduleScenario("schedule", (), {"interval": "1h"}, cheap=True).manifest


def run(name: str, poison: str) -> dict[str, Any]:
    made = RUN(name)
    made["spec"]["flow"] = {**made["spec"]["flow"], "parameters": {"x": poison}}
    return made


def cluster(name: str, poison: str) -> dict[str, Any]:
    made = CLUSTER(name)
    made["spec"]["config"] = {"x": poison}
    return made


def schedule(name: str, poison: str) -> dict[str, Any]:
    made = SCHEDULE(name)
    spec = made["spec"]["template"]["spec"]
    spec["flow"] = {**spec["flow"], "parameters": {"x": poison}}
    return made


MAKERS: Mapping[str, Callable[[str, str], dict[str, Any]]] = {
    FLOW_RUN: run,
    DASK_CLUSTER: cluster,
    FLOW_SCHEDULE: schedule,
}


async def test_what_is_nested_too_deep_is_refused_alone(world: HttpServer) -> None:
    world.spliced = POISONS
    fill(world, "before")
    async with operating() as port:
        await told(world, "before", port)
        fill(world, "meanwhile")
        await told(world, "meanwhile", port)
    fill(world, "between")
    async with operating() as port:
        await told(world, "between", port)


async def test_odd_texts_and_numbers_are_planned(world: HttpServer) -> None:
    world.spliced = {"odd": ODD}
    world.server.create(run("before", "odd"))
    async with operating():
        await changed(world, lambda: has_pods(world, "before"))
        world.server.create(run("after", "odd"))
        await changed(world, lambda: has_pods(world, "after"))


@pytest.mark.parametrize("kind", ["Pod", "Service"])
async def test_children_with_poison_hurt_nobody(world: HttpServer, kind: str) -> None:
    """Their fields are typed, but what says who manages them is nested as deep as what they were made of."""
    world.spliced = POISONS
    world.server.create({**Scenario("x", ()).manifest("ours")})
    child = json.loads(json.dumps(CLUSTER("stray"))) | {"kind": kind, "apiVersion": "v1"}
    child["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "daskflow"}
    child["metadata"]["annotations"] = {"note": "objects"}
    world.server.create(child)
    async with operating():
        await changed(world, lambda: bool(reason(world, FLOW_RUN, "ours")))


def fill(world: HttpServer, when: str) -> None:
    """One of each kind with each poison, and a good one of each kind."""
    for maker in MAKERS.values():
        for poison in POISONS:
            world.server.create(maker(f"{when}-{poison}", poison))
        world.server.create(maker(f"{when}-good", "sugar"))


async def told(world: HttpServer, when: str, port: int) -> None:
    """Each of them has been looked at, and only the bad ones are refused; the process is well."""
    names = [(kind, f"{when}-{poison}") for kind in MAKERS for poison in POISONS]
    good = [(kind, f"{when}-good") for kind in MAKERS]
    await changed(world, lambda: all(message(world, *each) for each in (*names, *good)))
    for each in names:
        assert reason(world, *each) == "SpecInvalid", each
        assert "nested more than 50 levels deep" in message(world, *each)
    for kind, name in good:
        assert reason(world, kind, name) != "SpecInvalid"
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.get("/readyz") as answer,
    ):
        assert answer.status == 200


def has_pods(world: HttpServer, name: str) -> bool:
    found = world.server.objects.values()
    return any(body["kind"] == "Pod" and body["metadata"]["name"].startswith(f"{name}-") for body in found)


def reason(world: HttpServer, kind: str, name: str) -> str:
    status = world.server.objects[Key(kind, "default", name)].get("status") or {}
    return str(status.get("reason") or status.get("phase") or "")


def message(world: HttpServer, kind: str, name: str) -> str:
    status = world.server.objects[Key(kind, "default", name)].get("status") or {}
    return str(status.get("message") or "")
