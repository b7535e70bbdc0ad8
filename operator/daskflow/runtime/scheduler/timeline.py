"""When threads were busy, and when they were paid for: rows of the same fixed number of bins."""

from __future__ import annotations

import base64
import math
import struct
import zlib

BINS = 64
VERSION = 1
LEVELS = 63
"""Of the text, which daskflow.api.report_timeline tells of."""
_NARROWEST = 1 / 8
_LONGEST_SPAN = 2.0**36
"""Seconds: no timeline is longer, whatever clocks of workers say."""


class Timeline:
    """Rows of thread-seconds by bin, from `zero` on. As large for a second as for a month."""

    def __init__(self, zero: float) -> None:
        self.doublings = 0
        self._width = _NARROWEST
        self._zero = zero
        self._rows: list[list[float]] = []

    def row(self) -> list[float]:
        """A new row, which grows with all others."""
        row = [0.0] * BINS
        self._rows.append(row)
        return row

    def forget(self, rows: list[list[float]]) -> None:
        """Those that nobody adds to any more."""
        gone = {id(row) for row in rows}
        self._rows = [each for each in self._rows if id(each) not in gone]

    def add(self, row: list[float], start: float, stop: float, threads: float = 1.0) -> None:
        """So many threads from `start` to `stop`. What came before the first bin is left out."""
        first = int((start - self._zero) / self._width)
        last = int((stop - self._zero) / self._width)
        if 0 < first == last < BINS:  # nearly always
            row[first] += (stop - start) * threads
            return
        self.reach(stop)
        for number in range(self._bin(start), self._bin(stop) + 1):
            begin = self._zero + number * self._width
            inside = min(stop, begin + self._width) - max(start, begin)
            row[number] += max(inside, 0.0) * threads

    def reach(self, moment: float) -> None:
        """Make all bins wide enough."""
        while self._zero + BINS * self._width <= moment < self._zero + _LONGEST_SPAN:
            self.doublings += 1
            self._width *= 2
            empty = [0.0] * (BINS // 2)
            for row in self._rows:
                row[:] = [a + b for a, b in zip(row[::2], row[1::2])] + empty

    def _bin(self, moment: float) -> int:
        return min(max(int((moment - self._zero) / self._width), 0), BINS - 1)

    def text(self, until: float, rows: list[list[float]]) -> str:
        """What a report says of these rows: mean numbers of threads."""
        bins = min(max(math.ceil((until - self._zero) / self._width - 0.02), 1), BINS)
        last = max(until - self._zero - (bins - 1) * self._width, self._width / 50)
        widths = [self._width] * (bins - 1) + [min(last, self._width)]
        means = [max(each / width, 0.0) for row in rows for each, width in zip(row, widths)]
        scale = max(max(means), 1e-3)
        levels = bytes(round(each * LEVELS / scale) for each in means)
        head = struct.pack("<BBBBf", VERSION, self.doublings, bins, len(rows) - 2, scale)
        return base64.b64encode(zlib.compress(head + levels, 9)).decode()


def sums(rows: list[list[float]]) -> list[float]:
    """One row of several."""
    return [sum(column) for column in zip(*rows)] or [0.0] * BINS


def within(rows: list[list[float]], most: list[float]) -> list[list[float]]:
    """The same, no bin of which has more in all than `most` has: what is too much belongs beside it.

    When a task ran is told by its worker's clock and a guess at the scheduler's, which is some tenths of a
    second off where a machine has a lot to do. What has no room beside its bin is left out.
    """
    rows = [[max(each, 0.0) for each in row] for row in rows]
    for number in range(BINS):
        here = sum(row[number] for row in rows)
        much = here - most[number]
        if much <= 0:
            continue
        parts = [row[number] / here for row in rows]
        moved = {number: -much}
        for beside in {max(number - 1, 0), min(number + 1, BINS - 1)} - {number}:
            moved[beside] = min(max(most[beside] - sum(row[beside] for row in rows), 0.0), much)
            much -= moved[beside]
        for row, part in zip(rows, parts):
            for bin_, seconds in moved.items():
                row[bin_] += part * seconds
    return rows
