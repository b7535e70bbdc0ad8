"""The two walks of docs/architecture.md, in the simulation: which functions of the package they enter.

`python -m tests.simulation.walk` prints all that each enters, in the order of first entry, and then
the list of modules as the page has it.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import daskflow
from daskflow.api.names import DASK_CLUSTER, WORKER

from tests.simulation import loop as virtual
from tests.simulation.cases import Case
from tests.simulation.scenarios.scenario import RUN, Scenario
from tests.simulation.world import World

PACKAGE = Path(daskflow.__file__).parent
PATIENCE = 60.0
"""Virtual seconds in which a walk must have come to its begin, and then to its end."""

Step = tuple[str, str]
"""A module, as `plan/run/life.py`, and a function in it, as `plan` or `Store.put`."""

MINUTE = Scenario("a walk", ("Succeeded",), flows=({"seconds": 60},))


@dataclass(frozen=True)
class Walk:
    """From `act`, done as soon as `begins` holds, until `ends` does."""

    name: str
    begins: Callable[[World], bool]
    act: Callable[[World], Any]
    ends: Callable[[World], bool]


class _Recorder:
    """Hears of each call; `steps` are those into the package, in the order in which they were first made."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._known: set[CodeType] = set()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or code in self._known:
            return
        self._known.add(code)
        path = Path(code.co_filename)
        if path.is_relative_to(PACKAGE):
            self.steps.append((path.relative_to(PACKAGE).as_posix(), code.co_qualname))


def steps_of(walk: Walk) -> list[Step]:
    """Raises AssertionError when it does not begin, or end, within PATIENCE."""
    recorder = _Recorder()

    async def live() -> None:
        world = World(Case(), MINUTE)
        try:
            await _until(world, walk.begins)
            sys.setprofile(recorder)
            walk.act(world)
            await _until(world, walk.ends)
        finally:
            sys.setprofile(None)
            world.operator.kill()

    virtual.run(live())
    return recorder.steps


async def _until(world: World, condition: Callable[[World], bool]) -> None:
    loop = asyncio.get_running_loop()
    last = loop.time() + PATIENCE
    while not condition(world):
        assert loop.time() < last, f"{condition.__name__} does not come true"
        await asyncio.sleep(0.01)


def modules(steps: Iterable[Step]) -> str:
    """The modules of these, a line for each room: "- `plan/run/`: life, view"."""
    paths = sorted({Path(module) for module, _ in steps}, key=lambda path: (path.parent, path.stem))
    rooms = groupby(paths, lambda path: path.parent)
    lines = (f"- `{room.as_posix()}/`: {', '.join(path.stem for path in found)}" for room, found in rooms)
    return "\n".join(lines)


def _create(world: World) -> None:
    world.server.create(MINUTE.manifest())


def _watches(world: World) -> bool:
    return asyncio.get_running_loop().time() > 1.0


def _pods_made(world: World) -> bool:
    return sum(key.kind == "Pod" for key in world.server.objects) == 4


def _runs_on_all_workers(world: World) -> bool:
    if RUN not in world.server.objects:
        _create(world)
    return asyncio.get_running_loop().time() > 20.0 and _workers(world) == "2/2"


def _a_worker_dies(world: World) -> None:
    world.nodes.living(WORKER)[0].kill()


def _told(world: World) -> bool:
    clusters = [body for key, body in world.server.objects.items() if key.kind == DASK_CLUSTER]
    return clusters[0]["status"]["phase"] == "Degraded" and _workers(world) == "1/2"


def _workers(world: World) -> str:
    status = world.server.objects[RUN].get("status") or {}
    found: str = (status.get("cluster") or {}).get("workers", "") if status.get("phase") == "Running" else ""
    return found


WALKS = (
    Walk("From `kubectl apply` to four pods", _watches, _create, _pods_made),
    Walk("From a worker's death to the status", _runs_on_all_workers, _a_worker_dies, _told),
)


def main() -> None:
    """Prints them."""
    for walk in WALKS:
        steps = steps_of(walk)
        print(f"\n### {walk.name}\n")
        print(*(f"{module} {function}" for module, function in steps), sep="\n")
        print(f"\n{modules(steps)}")


if __name__ == "__main__":
    main()
