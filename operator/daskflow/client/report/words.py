"""Figures as people read them."""

from daskflow.api.quantities import in_units
from daskflow.client.timeline.times import length


def span(seconds: float) -> str:
    """`40ms`, `3.2s`, `8m32s`."""
    if 0 < seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))}ms"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + "s"
    return length(seconds)


def size(amount: int) -> str:
    """Bytes: `840 B`, `512Mi`, `93.0Gi`; `0`."""
    said = in_units(amount)
    return f"{said} B" if amount and said.isdigit() else said


def share(part: float | None) -> str:
    """`76 %`; `?` where it is not known."""
    return "?" if part is None else f"{part * 100:.0f} %"


def times(ratio: float) -> str:
    """How many times as much: 1.6 or 40, with the sign for it."""
    return f"{ratio:.{0 if ratio >= 9.95 else 1}f}\N{MULTIPLICATION SIGN}"


def threads(number: float) -> str:
    """`12`, or `3.4` where there are few."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}".removesuffix(".0")


def whole(number: int) -> str:
    """`120 433`: digits in threes, which stay together."""
    return f"{number:,}".replace(",", "\u202f")
