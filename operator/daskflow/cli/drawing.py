"""A timeline in letters: pure, each line as pieces of text with a style of rich's."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from daskflow.api.wording import one_line
from daskflow.client.plain_text import cut
from daskflow.client.timeline.axis import ticks
from daskflow.client.timeline.model import Mark, Row, Span, Timeline
from daskflow.client.timeline.svg import headline, said, shown
from daskflow.client.timeline.times import length

Line = list[tuple[str, str]]
"""Pieces, each with its style."""

MOST_WARNINGS = 12
_LONGEST_LABEL = 26
_STYLES = {
    "Starting": "yellow",
    "Running": "blue",
    "Retrying": "bright_yellow",
    "Suspended": "magenta",
    "Succeeded": "green",
    "Failed": "red",
    "Cancelled": "magenta",
    "Open": "cyan",
}
_LETTERS = {"Starting": "░", "Running": "█", "Retrying": "▒", "Suspended": "╌", "": "·", "attempt": "━"}
_PLAIN = {"Starting": "-", "Running": "#", "Retrying": "~", "Suspended": "_", "": ".", "attempt": "="}
"""For terminals and files that have no more than ASCII."""


def drawn(timeline: Timeline, width: int, *, ascii_only: bool = False) -> list[Line]:
    """The picture, at most so many columns wide; then what attempts and warnings say, as long as it is."""
    letters = _PLAIN if ascii_only else _LETTERS
    rows = list(shown(timeline.rows, 12))
    label = min(_LONGEST_LABEL, max(len(_label(row)) for row in rows) + 2)
    chart = _Chart(timeline, label, max(10, width - label), letters)
    lines = [[(cut(headline(timeline), width), "bold")], chart.axis()]
    for row in rows:
        lines.append(chart.row(row))
        if row.kind == "run" and any(mark.warning for mark in row.marks):
            lines.append(chart.warnings(row.marks, "^" if ascii_only else "▲"))
    lines += [[], chart.legend(rows)]
    told = [*_attempts(timeline), *_warnings(timeline)]
    return [*lines, *([[]] if told else []), *told]


def _label(row: Row) -> str:
    return f"{'  ' if row.kind == 'pod' else ''}{one_line(row.title)}"


class _Chart:
    def __init__(self, timeline: Timeline, label: int, columns: int, letters: Mapping[str, str]) -> None:
        self._timeline, self._label, self._columns, self._letters = timeline, label, columns, letters
        self._whole = (timeline.end - timeline.begin).total_seconds()

    def axis(self) -> Line:
        line = ""
        for at, name in ticks(self._whole, max(2, self._columns // 9)):
            column = round(at / self._whole * self._columns) if self._whole else 0
            if column >= len(line) + bool(line) and column + len(name) <= self._columns:
                line = line.ljust(column) + name
        return [(" " * self._label + line, "dim")]

    def row(self, row: Row) -> Line:
        style = {"attempt": "bold", "run": "bold"}.get(row.kind, "")
        pieces: Line = [(cut(_label(row), self._label - 1).ljust(self._label), style)]
        cells = self._cells(row.spans)
        words = one_line(said(self._timeline, row)) if row.spans and row.kind != "run" else ""
        used = max((index + 1 for index, cell in enumerate(cells) if cell), default=0)
        first = next((index for index, cell in enumerate(cells) if cell), 0)
        after = bool(words) and used + 1 + len(words) <= self._columns
        before = bool(words) and not after and len(words) + 1 <= first
        if before:
            pieces.append((words.rjust(first - 1) + " ", "dim"))
        for cell in cells[first if before else 0 : used]:
            letter, colour = self._letter(row, cell)
            if pieces[1:] and pieces[-1][1] == colour:
                pieces[-1] = (pieces[-1][0] + letter, colour)
            else:
                pieces.append((letter, colour))
        return [*pieces, (f" {words}", "dim")] if after else pieces

    def _letter(self, row: Row, span: Span | None) -> tuple[str, str]:
        if span is None:
            return " ", ""
        kind = "attempt" if row.kind == "attempt" else span.phase
        return self._letters.get(kind, self._letters[""]), _STYLES.get(span.phase, "dim")

    def _cells(self, spans: Sequence[Span]) -> list[Span | None]:
        """For each column what took most of its time; a row of spans has one column at the least."""
        cells: list[Span | None] = [None] * self._columns
        most, empty = [0.0] * self._columns, [1.0] * self._columns
        for span in spans:
            begin, end = self._column(span.begin), self._column(span.end or self._timeline.end)
            for column in range(int(begin), int(end) + 1):
                part = min(end, column + 1.0) - max(begin, float(column))
                empty[column] -= part
                if part > most[column]:
                    cells[column], most[column] = span, part
        cells = [cell if most[at] >= empty[at] else None for at, cell in enumerate(cells)]
        if spans and not any(cells):
            cells[int(self._column(spans[-1].begin))] = spans[-1]
        return cells

    def _column(self, at: datetime) -> float:
        part = (at - self._timeline.begin).total_seconds() / self._whole if self._whole > 0 else 0.0
        return min(self._columns - 1e-6, max(0.0, part * self._columns))

    def warnings(self, marks: Sequence[Mark], letter: str) -> Line:
        cells = [" "] * self._columns
        for mark in marks:
            if mark.warning:
                cells[int(self._column(mark.at))] = letter
        return [(" " * self._label, ""), ("".join(cells).rstrip(), "red")]

    def legend(self, rows: Sequence[Row]) -> Line:
        """Each letter once, with the first phase that has it."""
        phases: dict[str, str] = {}
        for span in (span for row in rows if row.kind != "attempt" for span in row.spans):
            phases.setdefault(self._letters.get(span.phase, self._letters[""]), span.phase)
        pieces: Line = []
        for letter, phase in phases.items():
            pieces += [
                ("  " if pieces else "", ""),
                (letter, _STYLES.get(phase, "dim")),
                (f" {phase}", "dim"),
            ]
        return pieces


def _attempts(timeline: Timeline) -> Iterator[Line]:
    for row in timeline.rows:
        if row.kind == "attempt" and row.spans:
            span = row.spans[-1]
            took = length(((span.end or timeline.end) - span.begin).total_seconds())
            because = f" ({span.reason})" if span.reason else ""
            words = f"goes on{because}, for" if span.phase == "Open" else f"{span.phase}{because} after"
            yield [(f"{row.title}: ", "bold"), (one_line(f"{words} {took}"), _STYLES.get(span.phase, ""))]


def _warnings(timeline: Timeline) -> Iterator[Line]:
    """The last of them; what was said of several objects, or again and again, comes once."""
    told: dict[tuple[str, str], list[Mark]] = {}
    for mark in timeline.marks:
        if mark.warning:
            told.setdefault((mark.reason, mark.message), []).append(mark)
    if len(told) > MOST_WARNINGS:
        yield [(f"{len(told) - MOST_WARNINGS} warnings before these", "dim")]
    for (reason, message), marks in list(told.items())[-MOST_WARNINGS:]:
        since = length((marks[0].at - timeline.begin).total_seconds())
        more = len({mark.about for mark in marks}) - 1
        about = f"{marks[0].about} and {more} more" if more else marks[0].about
        yield [(f"{since} ", "dim"), (one_line(reason), "red"), (one_line(f": {message} ({about})"), "")]
