"""What platform engineers give, and what must have come of it."""

from typing import TYPE_CHECKING

from daskflow.api.defaults import CONFIG_MAP, CONFIG_MAP_ANNOTATION, CONFIG_MAP_KEY
from daskflow.plan.model import Key

from tests.simulation.actions import Action
from tests.simulation.invariants.runs import TEAM

if TYPE_CHECKING:
    from tests.simulation.world import World

_KEY = Key("ConfigMap", "default", CONFIG_MAP)


def namespace_gives(text: str) -> Action:
    """Somebody writes the namespace's ConfigMap, or (empty) deletes it."""

    def act(world: "World") -> None:
        server, data = world.server, {CONFIG_MAP_KEY: text}
        world.strangers.add(_KEY)
        if not text:
            server.delete(_KEY)
        elif _KEY in server.objects:
            server.update(_KEY, data=data)
        else:
            metadata = {
                "name": _KEY.name,
                "namespace": _KEY.namespace,
                "annotations": {CONFIG_MAP_ANNOTATION: "true"},
            }
            server.create({"apiVersion": "v1", "kind": _KEY.kind, "metadata": metadata, "data": data})

    return act


def expect_team(name: str) -> Action:
    """By now pods live, and all have this team, if nobody has disturbed the operator."""

    def act(world: "World") -> None:
        pods = filter(None, (life.pod() for life in world.nodes.living()))
        teams = {pod["metadata"]["labels"].get(TEAM) for pod in pods}
        if world.case.plain and teams != {name}:
            world.watcher.faults.append(f"pods are of {teams}, should be of {name}")

    return act
