"""Ticks of a timeline."""

from daskflow.client.timeline.times import length

_STEPS = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60.0 * each for each in (1, 2, 5, 10, 15, 30)),
    *(3600.0 * each for each in (1, 2, 3, 6, 12)),
    *(86400.0 * each for each in (1, 2, 7, 14, 28, 91, 365)),
)
"""Seconds that people count in."""


def ticks(seconds: float, most: int) -> list[tuple[float, str]]:
    """At most so many, each with its name, from 0 on; `seconds` is how long all takes."""
    step = next((each for each in _STEPS if seconds / each < most), max(_STEPS[-1], seconds))
    return [
        (at, f"{at:.1f}".rstrip("0").rstrip(".") + "s" if step < 1 else length(at))
        for at in (index * step for index in range(int(seconds / step) + 1))
    ]
