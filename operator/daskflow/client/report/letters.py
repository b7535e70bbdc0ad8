"""A report in letters: pure, each line as pieces of text with a style of rich's. Of any width from 40 on."""

from collections.abc import Iterator
from textwrap import wrap

from rich.cells import cell_len, set_cell_size

from daskflow.client.plain_text import cut, plain
from daskflow.client.report.bars import Bar, bars
from daskflow.client.report.difference import Difference
from daskflow.client.report.figures import Figures
from daskflow.client.report.letter_areas import Letters, drawn_areas, letters_of
from daskflow.client.report.palette import palette_of
from daskflow.client.report.totals import attempt_line, headline, totals
from daskflow.client.report.words import size, span, whole

Line = list[tuple[str, str]]
"""Pieces, each with its style."""

_MOST_BARS = 20
_MOST_WORKERS = 12
_FIGURE = 20
_ABOUT = 24
"""Columns that words beside a figure take at least; else they stand below it."""
_NAME = 24
_CELL = 10


def drawn(figures: Figures, width: int, *, ascii_only: bool = False) -> list[Line]:
    """The report, at most so many columns wide, but for words that are longer."""
    letters = letters_of(figures, ascii_only=ascii_only)
    parts = (
        [[(cut(plain(headline(figures)), width), "bold")]],
        list(_totals(figures, width)),
        list(_hints(figures, width)),
        list(drawn_areas(figures.areas, letters, width)) if figures.areas else [],
        list(_by_prefix(figures, letters, width)),
        list(_longest(figures, width)),
        list(_by_worker(figures, width)),
        list(_attempts(figures, width)),
        list(_notes(figures, width)),
    )
    lines: list[Line] = []
    for part in filter(None, parts):
        lines += [[], *part] if lines else part
    return _spaced(lines)


def _spaced(lines: list[Line]) -> list[Line]:
    """With blanks that every terminal has a letter for."""
    return [[(text.replace("\u202f", " "), style) for text, style in line] for line in lines]


def _wrapped(words: str, width: int, indent: int = 0) -> list[str]:
    return wrap(plain(words), max(20, width - indent), break_on_hyphens=False) or [""]


def _totals(figures: Figures, width: int) -> Iterator[Line]:
    found = [each._replace(figure=cut(plain(each.figure), _FIGURE)) for each in totals(figures)]
    names = max(len(each.name) for each in found) + 2
    figure = max(len(each.figure) for each in found) + 2
    beside = width - names - figure >= _ABOUT
    indent = names + figure if beside else names
    for each in found:
        head: Line = [(each.name.ljust(names), "dim"), (each.figure, "bold")]
        about = _wrapped(each.about, width, indent) if each.about else []
        if beside and about:
            head.append((" " * (figure - len(head[1][0])) + about.pop(0), ""))
        yield head
        for more in about:
            yield [(" " * indent + more, "")]


def _hints(figures: Figures, width: int) -> Iterator[Line]:
    for hint in figures.hints:
        for index, line in enumerate(_wrapped(hint, width, 2)):
            yield [("  " if index else "> ", "yellow"), (line, "")]


def _by_prefix(figures: Figures, letters: Letters, width: int) -> Iterator[Line]:
    """Columns go where there is no room for them, the least telling first."""
    found = bars(figures, _MOST_BARS, palette_of(figures))
    if not found:
        return
    columns = {
        "time": [each.took for each in found],
        "tasks": [whole(each.prefix.tasks) for each in found],
        "mean": [span(each.prefix.mean) for each in found],
        "longest": [span(each.prefix.longest) for each in found],
        "results": [size(each.prefix.size) if each.prefix.size else "" for each in found],
    }
    names = min(_NAME, width // 2 - 4, max(cell_len(plain(each.name)) for each in found)) + 2
    wide = {name: max(len(name), *map(len, cells)) + 2 for name, cells in columns.items()}
    bar = width - names - sum(wide.values())
    for name in ("results", "mean", "longest", "tasks"):
        if bar < 12:
            bar += wide.pop(name)
    bar = max(6, min(bar, 40))
    heads = "".join(name.rjust(wide[name]) for name in wide)
    yield [("prefix".ljust(names + bar), "dim"), (heads, "dim")]
    for index, each in enumerate(found):
        cells = "".join(columns[name][index].rjust(wide[name]) for name in wide)
        yield [
            (set_cell_size(_cut(plain(each.name), names - 2), names), ""),
            *_bar(each, letters, bar),
            (cells, ""),
        ]
    more = len(figures.prefixes) - len(found)
    if more:
        yield [(f"and {whole(more)} more", "dim")]


def _cut(words: str, most: int) -> str:
    """At most so many columns of a terminal, where some letters take two and others none."""
    return words if cell_len(words) <= most else f"{set_cell_size(words, most - 1).rstrip()}…"


def _bar(each: Bar, letters: Letters, columns: int) -> Line:
    letter, style = letters.of.get(each.name, letters.rest)
    filled = max(1, round(each.part * columns))
    return [(letter * filled, style), (" " * (columns - filled), "")]


def _longest(figures: Figures, width: int) -> Iterator[Line]:
    if figures.longest:
        yield [("The longest tasks", "bold")]
    for each in figures.longest:
        words = (
            f"{span(each.seconds)} of {plain(each.name)}, from {span(each.begin)} on, on {plain(each.worker)}"
        )
        yield [(cut(words, width), "")]


def _by_worker(figures: Figures, width: int) -> Iterator[Line]:
    """Those with the most and the fewest to do."""
    found = figures.by_worker
    if found:
        yield [("Workers, the busiest first", "bold")]
    for each in found if len(found) <= _MOST_WORKERS else (*found[:5], None, *found[-5:]):
        if each is None:
            yield [(f"… {whole(len(found) - 10)} between", "dim")]
        else:
            words = f"{span(each.seconds)} in {whole(each.tasks)} tasks: {plain(each.name)}"
            yield [(cut(words, width), "")]


def _attempts(figures: Figures, width: int) -> Iterator[Line]:
    for index in range(len(figures.attempts)):
        name, story = attempt_line(figures, index)
        for number, line in enumerate(_wrapped(story, width, len(name) + 2)):
            yield [(f"{name}: " if not number else " " * (len(name) + 2), "bold"), (line, "")]


def _notes(figures: Figures, width: int) -> Iterator[Line]:
    if figures.record:
        said = _wrapped(f"The record of each task is in {figures.record}", width)
        yield from ([(line, "dim")] for line in said)
    if figures.note:
        yield from ([(line, "yellow")] for line in _wrapped(figures.note, width))


def told(found: Difference, width: int) -> list[Line]:
    """What became slower: sentences, then as much of the table as has room."""
    lines: list[Line] = []
    for sentence in found.sentences:
        lines += [[("  " if index else "> ", "yellow"), (line, "")]
                  for index, line in enumerate(_wrapped(sentence, width, 2))]  # fmt: skip
    rows = [found.header, *(row.cells for row in found.rows)]
    cells = [[plain(row[0]), *(cut(plain(cell), _CELL) for cell in row[1:])] for row in rows]
    wide = [max(len(row[column]) for row in cells) + 2 for column in range(len(found.header))]
    while len(wide) > 4 and sum(wide[1:]) + _NAME > width:
        wide = wide[:-2]
    wide[0] = max(4, min(wide[0], width - sum(wide[1:])))
    for index, row in enumerate(cells):
        rest = "".join(cell.rjust(room) for cell, room in zip(row[1:], wide[1:], strict=False))
        words = cut(row[0], wide[0] - 1).ljust(wide[0]) + rest
        lines += [[(words, "")]] if index else [[], [(words, "dim")]]
    return _spaced(lines)
