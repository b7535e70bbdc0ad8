"""The dearest prefixes as bars: how long each is, in which colour, and what is said beside it."""

from typing import NamedTuple

from daskflow.api.wording import counted
from daskflow.client.report.figures import Figures, Prefix
from daskflow.client.report.palette import Palette
from daskflow.client.report.style import REST_CLASS
from daskflow.client.report.words import size, span, whole


class Bar(NamedTuple):
    """One of them."""

    name: str
    colour: str
    """The class that it has in the picture over time, too."""
    part: float
    """Of the longest, from 0 to 1."""
    took: str
    about: str
    prefix: Prefix


def bars(figures: Figures, most: int, palette: Palette, top: float = 0.0) -> list[Bar]:
    """The dearest first; `top`: seconds of the longest bar [those of the dearest]."""
    top = max((top, *(each.seconds for each in figures.prefixes)))
    return [
        Bar(
            each.name,
            palette.get(each.name, REST_CLASS),
            each.seconds / top if top else 0.0,
            span(each.seconds),
            _about(each),
            each,
        )
        for each in figures.prefixes[:most]
    ]


def _about(each: Prefix) -> str:
    tasks = counted(each.tasks, "task").replace(str(each.tasks), whole(each.tasks))
    sized = f", {size(each.size)}" if each.size else ""
    return f"{tasks}, mean {span(each.mean)}, longest {span(each.longest)}{sized}"
