"""What a life costs, counted and not timed, so that it is the same on every machine.

`python -m tests.simulation.counts` prints it, and with `--write` puts it into `counts.json`, beside which
`test_counts.py` fails a change that makes any of it grow by more than a tenth.
"""

import argparse
import json
import logging
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from daskflow.controller.reconcile import Planner
from daskflow.plan.model import Object, Observed

from tests.simulation import loop
from tests.simulation.cases import Case
from tests.simulation.world import World

FILE = Path(__file__).with_name("counts.json")
PACKAGE = Path(__file__).parents[2] / "operator" / "daskflow"
PURE = tuple(str(PACKAGE / room) for room in ("plan", "manifests", "api", "calendar"))
LIVES = ("success", "failure", "retry", "alone", "suspend and resume", "up and down with demand", "schedule")
STARTED = (
    "import sys, daskflow.controller.main; "
    "print(sum(name.partition('.')[0] not in sys.stdlib_module_names for name in sys.modules))"
)

Counts = dict[str, dict[str, int]]
Question = tuple[Planner, Object, Observed, datetime]


def counts() -> Counts:
    """By life, and of the process; see `lived`, `planned` and `STARTED`."""
    return {**{life: _life(life) for life in LIVES}, "process": {"modules at start": modules()}}


def modules() -> int:
    """How many modules of packages the operator's process imports before it does anything."""
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)
    return int(done.stdout)


def _life(scenario: str) -> dict[str, int]:
    questions: list[Question] = []
    found = lived(scenario, questions.append)
    return {**found, **planned(questions)}


def lived(scenario: str, asked: Callable[[Question], None] = lambda question: None) -> dict[str, int]:
    """Calls, writes and plans of an undisturbed life, until all has long been over."""

    async def live() -> dict[str, int]:
        world = World(Case(scenario))
        counted = world.operator.counted
        counted.asked = lambda *question: asked(question)
        result = await world.live()
        (client,) = world.clients
        return {
            "calls": client.calls,
            "writes": result.writes,
            "status writes": result.status_writes,
            "plans": counted.plans,
        }

    return loop.run(live())


def planned(questions: list[Question]) -> dict[str, int]:
    """What all plans of a life take once more: lines of pure code, and bytes at the peak of the costliest."""
    lines = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(PURE):
            return None
        lines += event == "line"
        return count

    sys.settrace(count)
    try:
        for planner, *question in questions:
            planner(*question)
    finally:
        sys.settrace(None)
    return {"lines": lines, "bytes": max(_peak(planner, question) for planner, *question in questions)}


def _peak(planner: Planner, question: list[Any]) -> int:
    tracemalloc.start()
    try:
        planner(*question)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.counts", description=__doc__)
    parser.add_argument("--write", action="store_true", help="these are to be held from now on")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    found = counts()
    if options.write:
        FILE.write_text(json.dumps(found, indent=2) + "\n")
    for life, costs in found.items():
        print(f"{life:26}" + "  ".join(f"{what} {count}" for what, count in costs.items()))


if __name__ == "__main__":
    main()
