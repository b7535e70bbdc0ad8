"""The picture over time in letters: one for each prefix, and a line for the threads that were there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from daskflow.client.report.areas import levels
from daskflow.client.report.figures import Areas, Figures
from daskflow.client.report.palette import palette_of
from daskflow.client.report.words import threads
from daskflow.client.timeline.axis import ticks

Piece = tuple[str, str]
_ROWS = 10
_FILLS = "█▓▒░▞◦"
_PLAIN_FILLS = "#%+=o:"
_STYLES = ("blue", "yellow", "green", "magenta", "bright_yellow", "cyan")


@dataclass(frozen=True)
class Letters:
    """How prefixes are drawn."""

    of: Mapping[str, Piece]
    """A letter and its style, by the name of a prefix."""
    rest: Piece
    paid: str


def letters_of(figures: Figures, *, ascii_only: bool) -> Letters:
    """Told apart without colours as well."""
    fills = zip(_PLAIN_FILLS if ascii_only else _FILLS, _STYLES, strict=True)
    of = dict(zip(palette_of(figures), fills, strict=False))
    return Letters(of, (".", "dim") if ascii_only else ("·", "dim"), "-" if ascii_only else "─")


def drawn_areas(areas: Areas, letters: Letters, width: int) -> Iterator[list[Piece]]:
    """Rows from the top, the axis, and which letter is whose."""
    label = max(len(threads(each)) for each in levels(areas.most)) + 1
    columns = max(20, min(width - label, 100))
    yield [(f"Threads in tasks; {letters.paid}{letters.paid} were there", "bold")]
    marks = {round(level / areas.most * _ROWS): threads(level) for level in levels(areas.most)}
    grid = [_column(areas, letters, (column + 0.5) / columns * areas.seconds) for column in range(columns)]
    for row in range(_ROWS, 0, -1):
        pieces: list[Piece] = [(marks.get(row, "").rjust(label - 1) + " ", "dim")]
        for cells in grid:
            letter, style = cells[row - 1]
            if len(pieces) > 1 and pieces[-1][1] == style:
                pieces[-1] = (pieces[-1][0] + letter, style)
            else:
                pieces.append((letter, style))
        yield _stripped(pieces)
    axis = ""
    for at, name in ticks(areas.seconds, max(2, columns // 9)):
        column = round(at / areas.seconds * columns) if areas.seconds else 0
        if column >= len(axis) + bool(axis) and column + len(name) <= columns:
            axis = axis.ljust(column) + name
    yield [("0".rjust(label - 1) + " " + axis, "dim")]
    rest = any(any(each.threads) for each in areas.bands if each.rest)
    if rest or any(each.name not in letters.of for each in areas.bands if not each.rest):
        yield [(letters.rest[0], letters.rest[1]), (" all others", "dim")]


def _column(areas: Areas, letters: Letters, at: float) -> list[Piece]:
    """What is in it from the bottom on: of each cell what its middle is in."""
    index = min(len(areas.paid) - 1, int(at / areas.step))
    cells: list[Piece] = [(" ", "")] * _ROWS
    paid = round(areas.paid[index] / areas.most * _ROWS)
    if paid:
        cells[paid - 1] = (letters.paid, "")
    below = 0.0
    for each in areas.bands:
        above = below + each.threads[index]
        letter = letters.rest if each.rest else letters.of.get(each.name, letters.rest)
        for row in range(_ROWS):
            if below <= (row + 0.5) * areas.most / _ROWS < above:
                cells[row] = letter
        below = above
    return cells


def _stripped(pieces: list[Piece]) -> list[Piece]:
    while pieces and not pieces[-1][0].strip():
        pieces = pieces[:-1]
    return pieces
