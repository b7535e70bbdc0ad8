"""What became of it, as a table, and what is wrong."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from tests.fire.scene import Scene
from tests.fire.traffic import WINDOW_SECONDS

MOST = 40
"""Calls of one kind about one object within WINDOW_SECONDS."""
TRACEBACK = re.compile(r"^.*\nTraceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*$", re.M)


def tracebacks(log: Path) -> list[str]:
    """Each that is in the operators' log, with the line before it: what to look for when one is there."""
    return TRACEBACK.findall(log.read_text(errors="replace"))


class Table:
    """`fired` and `took` are seconds: until all had gone wrong, and in all."""

    def __init__(self, options: argparse.Namespace, played: Scene, fired: float, took: float) -> None:
        self._seed, self._fired, self._took = options.seed, fired, took
        self._ground, self._proxy, self._played = played.ground, played.proxy, played
        self._tracebacks = tracebacks(options.log)
        self._left = played.ground.left()
        self.wrong = [
            *played.ground.wrong(),
            *played.ground.ticks.wrong(),
            *played.ground.pool.wrong(),
            *self._found(),
        ]

    def _found(self) -> Iterator[str]:
        yield from (f"left behind: {each}" for each in self._left)
        if self._tracebacks:
            yield f"{len(self._tracebacks)} tracebacks in the operators' log:\n" + "\n".join(self._tracebacks)
        traffic = self._proxy.traffic
        if traffic.most > MOST:
            yield f"{traffic.most} times within {WINDOW_SECONDS:.0f} s: {traffic.most_of}"

    def text(self) -> str:
        """All of it."""
        traffic, happened, came = (
            self._proxy.traffic,
            self._proxy.fate.happened,
            self._played.deaths.came,
        )
        phases = ", ".join(f"{count} {phase}" for phase, count in sorted(self._ground.phases().items()))
        calls, writes = traffic.calls.total(), traffic.writes.total()
        lines = [
            f"seed {self._seed}: {happened.total()} faults and {came.total()} deaths within "
            f"{self._fired:.0f} s, {self._took:.0f} s in all",
            f"{len(self._ground.stories)} runs: {phases}",
            f"{sum(self._ground.ticks.made.values())} runs of a schedule, one a tick",
            f"{self._ground.pool.claimed} clusters of a pool claimed",
            f"{calls} calls, {calls / self._took:.1f} a second; {writes} writes took effect",
            f"most of one call within {WINDOW_SECONDS:.0f} s: {traffic.most} ({traffic.most_of})",
            *_rows("faults", {fault.value: count for fault, count in happened.items()}),
            *_rows("deaths at", dict(came)),
            *_rows("blows", {blow.value: count for blow, count in self._played.blows.came.items()}),
            *_rows("operators that ended by themselves, by code", dict(self._played.exits)),
            f"wrong: {len(self.wrong)}",
            *(f"  {each}" for each in self.wrong),
        ]
        return "\n".join(lines)


def _rows(title: str, counts: dict[object, int] | dict[str, int] | dict[int, int]) -> Iterator[str]:
    if counts:
        yield title
        for name, count in sorted(counts.items(), key=lambda item: -item[1]):
            yield f"  {name!s:36}{count:6}"
