"""Thousands of pods and hundreds of megabytes that are nobody's business of the operator's.

`python -m tests.fire.mass --pods 20000 --config-maps 700` makes a control plane of its own: an operator runs
flows, first alone, then beside all that, and what it takes is printed. Exits with 1 if it takes much more.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.fire.faults import Fate
from tests.fire.operators import Deaths
from tests.fire.page import record
from tests.fire.place import common, run_inside
from tests.fire.scene import Scene, scene
from tests.fire.stories import KINDS as STORIES
from tests.fire.upstream import Refused

NAMESPACE = "others"
AT_ONCE = 16
RUNS = 10
"""Lives in each half."""
IDLE_SECONDS = 30.0
ENDS_SECONDS = 120.0
MEGABYTE = "x" * 1_000_000
MORE = {"memory, MB": 1.15, "CPU while nothing happens, ms a second": 1.5, "CPU, ms a run": 1.25}
"""How many times more each may be; below NOISE nothing is said."""
NOISE = {"memory, MB": 10.0, "CPU while nothing happens, ms a second": 10.0, "CPU, ms a run": 10.0}


@dataclass(frozen=True)
class Use:
    """Of the operator's process, by /proc."""

    cpu: float
    """Seconds since it began."""
    memory: float
    """Bytes now."""

    @classmethod
    def of(cls, pid: int) -> "Use":
        """At this moment."""
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return cls(ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))


async def _measured(played: Scene) -> dict[str, float]:
    """What the operator takes for RUNS runs, one after the other, and for nothing."""
    pid = played.pair[0][0].pid
    before = Use.of(pid)
    seconds = []
    for _ in range(RUNS):
        story, began = played.ground.begin(STORIES[0]), time.monotonic()
        while story in played.ground.live() and time.monotonic() - began < ENDS_SECONDS:
            played.check()
            await asyncio.sleep(0.1)
        seconds.append(time.monotonic() - began)
    ran = Use.of(pid)
    await asyncio.sleep(IDLE_SECONDS)
    idle = Use.of(pid)
    return {
        "memory, MB": idle.memory / 1e6,
        "CPU while nothing happens, ms a second": 1000 * (idle.cpu - ran.cpu) / IDLE_SECONDS,
        "CPU, ms a run": 1000 * (ran.cpu - before.cpu) / RUNS,
        "a run, seconds": statistics.median(seconds),
    }


async def _all(count: int, make: Callable[[int], Awaitable[object]]) -> None:
    """So many, AT_ONCE at a time."""
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            try:
                await make(number)
            except (Refused, aiohttp.ClientError):
                await asyncio.sleep(1.0)
                await make(number)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(some())


async def _mass(played: Scene, options: argparse.Namespace) -> None:
    """Of somebody else, in the operator's own namespace for runs and in another: half each."""
    upstream = played.upstream
    await upstream.call("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})

    def where(number: int) -> str:
        return f"/api/v1/namespaces/{(NAMESPACE, 'default')[number % 2]}"

    async def pod(number: int) -> object:
        spec = {"containers": [{"name": "main", "image": "their/own:1"}], "nodeName": "theirs"}
        spec |= {"automountServiceAccountToken": False}
        labels = {"app.kubernetes.io/name": "dask", "app.kubernetes.io/component": "worker"}
        body = {"metadata": {"name": f"pod-{number}", "labels": labels}, "spec": spec}
        return await upstream.call("POST", f"{where(number)}/pods", body)

    async def config_map(number: int) -> object:
        body = {"metadata": {"name": f"map-{number}"}, "data": {"x": MEGABYTE}}
        return await upstream.call("POST", f"{where(number)}/configmaps", body)

    await _all(options.config_maps, config_map)
    await _all(options.pods, pod)


def _faults(alone: dict[str, float], beside: dict[str, float]) -> list[str]:
    return [
        f"{name}: {beside[name]:.1f} beside all that, {alone[name]:.1f} alone"
        for name, most in MORE.items()
        if beside[name] > most * alone[name] and beside[name] > alone[name] + NOISE[name]
    ]


async def mass(options: argparse.Namespace) -> int:
    """Everything, from the definitions on; the exit code."""
    async with scene(
        Fate(options.seed, 0), Deaths(options.seed, 0), options.log, options.seed, watched=False
    ) as played:
        await _measured(played)  # warms it up
        alone = await _measured(played)
        await _mass(played, options)
        beside = await _measured(played)
        faults = _faults(alone, beside)
        lines = [
            f"{options.pods} foreign pods and {options.config_maps} ConfigMaps of 1 MB, half beside the runs",
            f"{'the operator':42}{'alone':>10}{'beside':>10}{'ratio':>8}",
            *(
                f"  {name:40}{was:10.1f}{beside[name]:10.1f}{beside[name] / was:8.2f}"
                for name, was in alone.items()
                if was
            ),
            f"wrong: {len(faults)}",
            *(f"  {each}" for each in faults),
        ]
        print("\n".join(lines))
        if options.page:
            words = f"--pods {options.pods} --config-maps {options.config_maps}"
            record(options.page, "mass", f"python -m tests.fire.mass {words}", "\n".join(lines))
        return 1 if faults else 0


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire.mass", description=__doc__)
    parser.add_argument("--pods", type=int, default=20_000)
    parser.add_argument("--config-maps", type=int, default=700)
    common(parser, "daskflow-mass.log")
    options = parser.parse_args()
    return asyncio.run(mass(options)) if options.inside else run_inside("tests.fire.mass", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
