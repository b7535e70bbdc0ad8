"""An operator under fire: its API server fails it, it is killed, and runs come to their right ends.

`python -m tests.fire --faults 200 --kills 20 --seed 1` makes a control plane of its own and prints a table.
Exits with 1 if a run was lost, doubled or left anything behind.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Callable

from tests.fire import report
from tests.fire.blows import Blows
from tests.fire.faults import Fate
from tests.fire.operators import Deaths
from tests.fire.page import record
from tests.fire.place import common, run_inside
from tests.fire.scene import Scene, scene

LIVE = 8
"""Runs at a time."""
ENDS_SECONDS = 240.0
"""For so long runs may take to end once nothing goes wrong any more: a list of everything heals in 300."""
SAID_SECONDS = 15.0
"""Between two words about how far it is."""
LEAVES_SECONDS = 60.0
"""And for so long what they had to be gone."""


async def fire(options: argparse.Namespace) -> int:
    """Everything, from the definitions on; the exit code."""
    fate, deaths = Fate(options.seed, options.faults, options.rate), Deaths(options.seed, options.kills)
    blows = Blows(options.seed, options.blows)
    began = time.monotonic()
    async with scene(
        fate, deaths, options.log, options.seed, standby=options.standby, clocks=options.clocks, blows=blows
    ) as played:
        played.ground.ticks.begin()
        played.ground.pool.begin()
        await _until_all_went_wrong(options, played)
        fate.ends()
        await played.proxy.landed()
        fired = time.monotonic() - began
        ground = played.ground
        ground.ticks.cease()
        await _until(
            lambda: [*(story.name for story in ground.live()), *ground.ticks.waiting()], ENDS_SECONDS
        )
        ground.pool.cease()
        await _until(ground.left, LEAVES_SECONDS)
        await ground.server.written()
        table = report.Table(options, played, fired, time.monotonic() - began)
        print(table.text())
        if options.page:
            words = f"--faults {options.faults} --kills {options.kills} --rate {options.rate:g}"
            words += (
                f" --blows {options.blows}" + " --standby" * options.standby + " --clocks" * options.clocks
            )
            words += f" --seed {options.seed}"
            record(options.page, "fire", f"python -m tests.fire {words}", table.text())
        return 1 if table.wrong else 0


async def _until_all_went_wrong(options: argparse.Namespace, played: Scene) -> None:
    """Keeps so many runs live until all faults and deaths have come, and as many runs as were asked for."""
    said = time.monotonic()
    stories, happened = played.ground.stories, played.proxy.fate.happened
    deaths = played.deaths
    while played.proxy.fate.left or deaths.left or played.blows.left or len(stories) < options.runs:
        played.check()
        if len(played.ground.live()) < LIVE:
            played.ground.begin()
        await asyncio.sleep(0.2)
        if time.monotonic() - said > SAID_SECONDS:
            said = time.monotonic()
            came = (
                f"{happened.total()} faults, {deaths.came.total()} deaths, {played.blows.came.total()} blows"
            )
            print(f"{came}, {len(stories)} runs", file=sys.stderr, flush=True)


async def _until(waiting: Callable[[], list[str]], seconds: float) -> None:
    """There is none any more, or it is too late; who comes then finds what is missing."""
    began = said = time.monotonic()
    while (left := waiting()) and time.monotonic() - began < seconds:
        await asyncio.sleep(0.2)
        if time.monotonic() - said > SAID_SECONDS:
            said = time.monotonic()
            print(f"waiting for {', '.join(left[:5])}", file=sys.stderr, flush=True)


async def _until_told_to_end(options: argparse.Namespace) -> int:
    """Its operators end with it."""
    task = asyncio.create_task(fire(options))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def main() -> int:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire", description=__doc__)
    parser.add_argument("--faults", type=int, default=200, help="how many calls go wrong")
    parser.add_argument("--kills", type=int, default=20, help="how often the operator is killed")
    parser.add_argument("--runs", type=int, default=14, help="at least so many")
    parser.add_argument("--rate", type=float, default=8.0, help="how many of a hundred calls go wrong")
    parser.add_argument("--blows", type=int, default=4, help="how often a leader or a server is struck")
    parser.add_argument("--standby", action="store_true", help="a second operator stands by")
    parser.add_argument("--clocks", action="store_true", help="operators' clocks are five minutes off")
    common(parser, "daskflow-fire.log")
    options = parser.parse_args()
    if not options.inside:
        return run_inside("tests.fire", sys.argv[1:])
    return asyncio.run(_until_told_to_end(options))


if __name__ == "__main__":
    sys.exit(main())
