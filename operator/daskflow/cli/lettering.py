"""Pictures in letters on stdout: on a terminal in colour and as wide as it is, else plain, of 80 columns."""

import sys
from collections.abc import Callable, Sequence

from daskflow.cli.printing import colours

WIDTH = 80
"""Columns, where there is no terminal that has a width."""

Line = Sequence[tuple[str, str]]
"""Pieces of text, each with a style of rich's."""


def show(draw: Callable[[int, bool], Sequence[Line]]) -> None:
    """`draw` is given the width, and whether letters beyond ASCII cannot be printed."""
    from rich.console import Console
    from rich.text import Text

    live = sys.stdout.isatty()
    console = Console(
        width=None if live else WIDTH,
        highlight=False,
        no_color=not colours(),
        color_system="auto" if live else None,
    )
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    ascii_only = not encoding.startswith("utf")
    for line in draw(console.width, ascii_only):
        console.print(Text.assemble(*(_printable(piece, ascii_only) for piece in line)), soft_wrap=not live)


def _printable(piece: tuple[str, str], ascii_only: bool) -> tuple[str, str]:
    text, style = piece
    return (text.encode("ascii", "replace").decode() if ascii_only else text), style
