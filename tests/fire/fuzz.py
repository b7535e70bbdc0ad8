"""Whatever anybody sends: refused at the door or told of in a status, and nobody beside it suffers.

`python -m tests.fire.fuzz --count 500 --seed 1` makes a control plane of its own and prints a table.
Exits with 1 if an object has no clear phase, the operator ended or logged a traceback, something of others
was touched, or healthy runs took longer.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from daskflow.api.names import LABEL_COMPONENT, LABEL_RUN, RUNNER
from daskflow.controller.kubernetes.kinds import KINDS
from daskflow.plan.model import Key, Object

from tests.fire.clarity import saying, unclear
from tests.fire.faults import Fate
from tests.fire.foreign import Foreign
from tests.fire.operators import Deaths
from tests.fire.page import record
from tests.fire.place import common, run_inside
from tests.fire.report import tracebacks
from tests.fire.scene import Scene, scene
from tests.fire.shapes import DEPTHS, Shape, shapes, text
from tests.fire.stories import KINDS as STORIES
from tests.fire.stories import Story
from tests.fire.upstream import Refused
from tests.fire.walking import Walker

HEALTHY = STORIES[0]
ALONE = 6
"""Healthy runs before anything else, and as many beside it."""
APART_SECONDS = 2.0
CLEAR_SECONDS = 90.0
GONE_SECONDS = 120.0
SLOWER = 1.1
NOISE_SECONDS = 0.3
"""Of a time between two events on a machine that does other things as well."""


class Fuzz:
    """Throws shapes at an operator. `play` it once, then ask for `wrong` and `text`."""

    def __init__(self, played: Scene, options: argparse.Namespace) -> None:
        self._played, self._options = played, options
        self._chance = Random(f"fuzz {options.seed}")
        self._foreign = Foreign(played.upstream)
        self._walker = Walker(played, options.seed)
        self._accepted: dict[Key, Shape] = {}
        self._answers: Counter[int] = Counter()
        self._said: Counter[str] = Counter()
        self._faults: list[str] = []
        self._tampering: list[asyncio.Task[None]] = []
        self._began: dict[str, float] = {}
        self._runners: dict[str, float] = {}
        """By run: when its runner's pod was made."""
        self._before: list[str] = []
        self._beside: list[str] = []
        played.ground.server.changed.append(self._hear)

    async def play(self) -> None:
        """All of it."""
        self._before = await self._healthy_alone()
        await self._foreign.make(*await self._somebody())
        for number, shape in enumerate(shapes(self._options.count, self._options.seed)):
            await self._throw(number, shape)
            every = max(1, self._options.count // ALONE)
            if number % every == 0 and len(self._beside) < ALONE:
                self._beside.append(self._healthy().name)
            await asyncio.sleep(1 / self._options.pace)
            self._played.check()
        await self._walker.walk(self._options.walks)
        await self._until(lambda: not self._unclear() and not self._played.ground.live(), CLEAR_SECONDS)
        self._faults += [f"{key.kind} {key.name}: {why}" for key, why in self._unclear().items()]
        self._said = Counter(saying(body) for body in self._bodies().values())
        self._faults += await self._foreign.wrong(self._played.proxy.traffic)
        await self._all_goes()
        self._faults += await self._foreign.wrong(self._played.proxy.traffic)

    async def _throw(self, number: int, shape: Shape) -> None:
        name = f"fuzz-{number}"
        body = text(shape.kind, name, shape.spec, self._chance.choice(DEPTHS))
        path = KINDS[shape.kind].path("default")
        try:
            await self._played.upstream.call("POST", path, body)
        except Refused as error:
            self._answers[error.status] += 1
            return
        self._answers[201] += 1
        self._accepted[Key(shape.kind, "default", name)] = shape
        self._played.ground.endings[name] = shape.ending
        if shape.status is not None:
            later, tamper = self._chance.uniform(0.0, 5.0), (f"{path}/{name}/status", shape.status)
            asyncio.get_running_loop().call_later(later, self._tamper, *tamper)

    def _tamper(self, path: str, status: dict[str, Any]) -> None:
        async def write() -> None:
            try:
                await self._played.upstream.call("PATCH", path, {"status": status})
            except Refused as error:
                self._answers[error.status] += 1

        self._tampering.append(asyncio.create_task(write()))

    # --- healthy runs

    async def _healthy_alone(self) -> list[str]:
        """Once the operator is there, one after the other as those beside all the rest."""
        first = self._healthy().name
        await self._until(lambda: first in self._runners, CLEAR_SECONDS)
        names = []
        for _ in range(ALONE):
            names.append(self._healthy().name)
            await asyncio.sleep(APART_SECONDS)
        await self._until(lambda: not self._played.ground.live(), CLEAR_SECONDS)
        return names

    def _healthy(self) -> Story:
        story = self._played.ground.begin(HEALTHY)
        self._began[story.name] = time.monotonic()
        return story

    async def _somebody(self) -> tuple[str, str]:
        """A healthy run that lives, by name and uid."""
        story = self._healthy()
        await self._until(lambda: story.key in self._played.ground.server.objects, CLEAR_SECONDS)
        return story.name, self._played.ground.server.objects[story.key]["metadata"]["uid"]

    def _hear(self, type_: str, before: Object | None, now: Object) -> None:
        labels = now["metadata"].get("labels") or {}
        if type_ == "ADDED" and now["kind"] == "Pod" and labels.get(LABEL_COMPONENT) == RUNNER:
            self._runners.setdefault(labels.get(LABEL_RUN, ""), time.monotonic())

    def _seconds(self, names: list[str]) -> float:
        """Until a healthy run's runner was made: all that the operator does before its nodes take over."""
        return statistics.median(self._runners[name] - self._began[name] for name in names)

    # --- the end

    def _bodies(self) -> dict[Key, Object]:
        objects = self._played.ground.server.objects
        return {key: objects[key] for key in self._accepted if key in objects}

    def _unclear(self) -> dict[Key, str]:
        return {key: why for key, body in self._bodies().items() if (why := unclear(body))}

    async def _all_goes(self) -> None:
        for key in self._bodies():
            self._played.ground.server.delete(key)
        await self._until(lambda: not self._played.ground.left(), GONE_SECONDS)
        self._faults += [f"left behind: {each}" for each in self._played.ground.left()]

    async def _until(self, condition: Any, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not condition() and time.monotonic() < until:
            self._played.check()
            await asyncio.sleep(0.2)

    def wrong(self) -> list[str]:
        """Everything, as sentences."""
        return list(dict.fromkeys([*self._faults, *self._walker.faults, *self._found()]))

    def _found(self) -> Iterator[str]:
        for name in (*self._before, *self._beside):
            if self._played.ground.status(name).get("phase") != "Succeeded":
                yield f"healthy {name} is {self._played.ground.status(name)}"
        if found := tracebacks(self._options.log):
            yield f"{len(found)} tracebacks in the operator's log:\n" + "\n".join(found)
        if exits := self._played.exits:
            yield f"the operator ended: {dict(exits)}"
        alone, beside = self._seconds(self._before), self._seconds(self._beside)
        if not self._options.untimed and beside > SLOWER * alone + NOISE_SECONDS:
            yield f"healthy runs had their runner after {beside:.2f} s, {alone:.2f} s before"

    def text(self) -> str:
        """The table."""
        wrong = self.wrong()
        answers = ", ".join(f"{count} times {code}" for code, count in sorted(self._answers.items()))
        lines = [
            f"seed {self._options.seed}: {self._options.count} objects, answered {answers}",
            f"foreign objects: {len(self._foreign)}",
            self._walker.text(),
            f"seconds until a healthy run has its runner: {self._seconds(self._before):.2f} alone, "
            f"{self._seconds(self._beside):.2f} beside all this (medians of {ALONE})",
            *(f"  {said:56}{count:6}" for said, count in self._said.most_common()),
            f"wrong: {len(wrong)}",
            *(f"  {each}" for each in wrong),
        ]
        return "\n".join(lines)


async def fuzz(options: argparse.Namespace) -> int:
    """Everything, from the definitions on; the exit code."""
    async with scene(
        Fate(options.seed, 0), Deaths(options.seed, 0), options.log, options.seed, watched=False
    ) as played:
        tried = Fuzz(played, options)
        await tried.play()
        print(tried.text())
        if options.page:
            words = f"--count {options.count} --walks {options.walks} --seed {options.seed}"
            record(options.page, "fuzz", f"python -m tests.fire.fuzz {words}", tried.text())
        return 1 if tried.wrong() else 0


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many objects are sent")
    parser.add_argument("--walks", type=int, default=6, help="how many live objects have their specs changed")
    parser.add_argument("--pace", type=float, default=2.0, help="how many objects are sent in a second")
    parser.add_argument("--untimed", action="store_true", help="a slower healthy run is no fault")
    common(parser, "daskflow-fuzz.log")
    options = parser.parse_args()
    return asyncio.run(fuzz(options)) if options.inside else run_inside("tests.fire.fuzz", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
