"""The process with a list of namespaces, of which one is not there yet, and another goes."""

from daskflow.plan.model import Key

from tests.simulation.kubernetes.http import HttpServer
from tests.simulation.scenarios import SCENARIOS
from tests.unit.controller.process import changed, operating


def create(world: HttpServer, namespace: str, name: str) -> Key:
    key = Key("FlowRun", namespace, name)
    metadata = {"namespace": namespace, "name": name}
    world.server.create({**SCENARIOS["success"].run(), "metadata": metadata})
    return key


async def seen(world: HttpServer, key: Key) -> None:
    await changed(world, lambda: "phase" in (world.server.objects[key].get("status") or {}))


async def test_namespaces_of_the_list_come_and_go_while_the_others_are_looked_after(
    world: HttpServer,
) -> None:
    world.forbidden = {"later"}
    async with operating(DASKFLOW_NAMESPACES="here,later"):
        early = create(world, "later", "early")
        await seen(world, create(world, "here", "run"))
        assert "phase" not in (world.server.objects[early].get("status") or {})
        world.forbidden = set()
        await seen(world, early)
        # Reaches the operator through kopf's watch of it.
        await seen(world, create(world, "later", "late"))
        world.forbidden = {"here"}
        await seen(world, create(world, "later", "after"))


async def test_it_ends_at_once_though_nobody_answers_what_is_within_reach(world: HttpServer) -> None:
    world.hanging = "GET"
    async with operating(DASKFLOW_NAMESPACES="here,later"):
        await world.hung.wait()
