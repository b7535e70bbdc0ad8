"""The picture over time as shapes of SVG: stacked areas, and over them the line of what was paid for.

An area has a step for each bin, since a bin is an average and nothing is known of what was within it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from daskflow.client.plain_text import cut, plain
from daskflow.client.report.figures import Areas
from daskflow.client.report.palette import Palette, colour
from daskflow.client.report.words import span, threads

_NAME = 24
"""Letters of a prefix's name where a bin tells its figures."""


class Frame(NamedTuple):
    """Where the picture is, in its own units, and what its edges stand for."""

    left: float
    top: float
    width: float
    height: float
    seconds: float
    """At the right edge."""
    most: float
    """Threads at the upper edge."""

    def x(self, seconds: float) -> float:
        return self.left + self.width * min(1.0, seconds / self.seconds if self.seconds else 0.0)

    def y(self, number: float) -> float:
        return self.top + self.height * (1 - min(1.0, number / self.most))


def shapes(areas: Areas, frame: Frame, palette: Palette, *, named: bool = True) -> Iterator[str]:
    """Areas from the bottom, the line, and a bar a bin that tells its figures when it is pointed at.

    `named`: those of each prefix, too.
    """
    below = [0.0] * len(areas.paid)
    for each in areas.bands:
        above = [low + own for low, own in zip(below, each.threads, strict=True)]
        if any(each.threads):
            yield f'<path class="{colour(each, palette)}" d="{_between(below, above, areas, frame)}"/>'
        below = above
    yield f'<path class="paid" d="{_line(areas, frame)}"/>'
    for index in range(len(areas.paid)):
        x, end = frame.x(index * areas.step), frame.x(areas.end(index))
        yield (
            f'<rect class="bin" x="{_n(x)}" y="{_n(frame.top)}" width="{_n(end - x)}" '
            f'height="{_n(frame.height)}"><title>{escape(told(areas, index, named=named))}</title></rect>'
        )


def told(areas: Areas, index: int, *, named: bool = True) -> str:
    """A bin in words."""
    since, until = span(index * areas.step), span(areas.end(index))
    parts = sorted(((each.threads[index], each.name) for each in areas.bands), reverse=True)
    names = [f"{cut(plain(name), _NAME)} {threads(number)}" for number, name in parts if number >= 0.05]
    busy, paid = threads(areas.busy(index)), threads(areas.paid[index])
    said = f"{since} to {until}: {busy} of {paid} threads"
    return f"{said}: {', '.join(names)}" if named and names else said


def _between(below: Sequence[float], above: Sequence[float], areas: Areas, frame: Frame) -> str:
    """Along the upper edge to the right, and along the lower one back."""
    d = f"M{_n(frame.left)} {_n(frame.y(above[0]))}"
    for index, value in enumerate(above):
        d += f"V{_n(frame.y(value))}" if index and value != above[index - 1] else ""
        last = index + 1 == len(above)
        d += f"H{_n(frame.x(areas.end(index)))}" if last or above[index + 1] != value else ""
    for index in range(len(below) - 1, -1, -1):
        if index + 1 == len(below) or below[index] != below[index + 1]:
            d += f"V{_n(frame.y(below[index]))}"
        if not index or below[index - 1] != below[index]:
            d += f"H{_n(frame.x(index * areas.step))}"
    return f"{d}Z"


def _line(areas: Areas, frame: Frame) -> str:
    d = f"M{_n(frame.left)} {_n(frame.y(areas.paid[0]))}"
    for index, value in enumerate(areas.paid):
        d += f"V{_n(frame.y(value))}" if index and value != areas.paid[index - 1] else ""
        last = index + 1 == len(areas.paid)
        d += f"H{_n(frame.x(areas.end(index)))}" if last or areas.paid[index + 1] != value else ""
    return d


def _n(number: float) -> str:
    """As short as a tenth of a pixel is."""
    return f"{number:.1f}".removesuffix(".0")


_NICE = (1.0, 2.0, 5.0)


def levels(most: float, count: int = 4) -> list[float]:
    """Numbers of threads that people count in, from 0 to the highest within `most`."""
    size = 10.0**-1
    while True:
        for nice in _NICE:
            if most / (step := size * nice) <= count:
                return [step * index for index in range(int(most / step + 1e-9) + 1)]
        size *= 10
