"""A report as a part of a page: without scripts, ids or attributes of style, so that it may stand anywhere.

The page of `daskflow report -o html`, `daskflow ui` and notebooks have it, with the rules of `style.rules`.
"""

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from daskflow.client.plain_text import plain
from daskflow.client.report.areas import Frame, levels, shapes
from daskflow.client.report.bars import bars
from daskflow.client.report.figures import Areas, Figures
from daskflow.client.report.palette import Palette, colour, palette_of
from daskflow.client.report.style import REST_CLASS
from daskflow.client.report.totals import attempt_line, totals
from daskflow.client.report.words import size, span, threads, whole
from daskflow.client.timeline.axis import ticks

_WIDE, _TALL = 640, 200
"""Units of the picture over time, which is drawn as wide as the page."""
_MOST_ROWS = 50
_LINE = '<path class="paid" d="M0 6H12"/>'


class Scale(NamedTuple):
    """What reports that are seen together have in common, so that eyes can compare them."""

    seconds: float
    """At the right edge of the picture over time."""
    threads: float
    """At its upper edge."""
    dearest: float
    """Seconds of the longest bar."""
    palette: Palette


def scale_of(*reports: Figures) -> Scale:
    """One in which each of these fits."""
    found = [each.areas for each in reports if each.areas]
    return Scale(
        max((each.seconds for each in found), default=0.0),
        max((each.most for each in found), default=0.0),
        max((prefix.seconds for each in reports for prefix in each.prefixes), default=0.0),
        palette_of(*reports),
    )


def fragment(figures: Figures, scale: Scale | None = None, *, level: int = 3) -> str:
    """`scale`: that of the pictures [their own]; `level`: of its headings, one below what it stands under."""
    scale = scale or scale_of(figures)
    parts = (
        f'<div class="daskflow-report" role="group" aria-label="Report of {_words(figures.run)}">',
        *_totals(figures),
        *_hints(figures),
        *(_over_time(figures.areas, scale, level) if figures.areas else ()),
        *_by_prefix(figures, scale, level),
        *_longest(figures, level),
        *_by_worker(figures, level),
        *_attempts(figures, level),
        *(_bins(figures.areas) if figures.areas else ()),
        *_notes(figures),
        "</div>",
    )
    return "\n".join(parts) + "\n"


def heading(words: str, level: int) -> str:
    """Of a part."""
    return f'<h{level} class="part">{_words(words)}</h{level}>'


def _words(text: object) -> str:
    return escape(plain(text))


def _totals(figures: Figures) -> Iterator[str]:
    yield '<dl class="totals">'
    for each in totals(figures):
        about = f" <small>{_words(each.about)}</small>" if each.about else ""
        yield f"<div><dt>{_words(each.name)}</dt><dd><strong>{_words(each.figure)}</strong>{about}</dd></div>"
    yield "</dl>"


def _hints(figures: Figures) -> Iterator[str]:
    if figures.hints:
        items = "".join(f"<li>{_words(each)}</li>" for each in figures.hints)
        yield f'<ul class="hints" aria-label="What to do">{items}</ul>'


def _over_time(areas: Areas, scale: Scale, level: int) -> Iterator[str]:
    frame = Frame(0, 0, _WIDE, _TALL, scale.seconds, scale.threads * 1.04)
    yield heading("Threads in tasks, below the line of those that were there", level)
    yield '<div class="over-time">'
    yield '<svg class="axis-y" aria-hidden="true">'
    for mark in levels(scale.threads):
        at = frame.y(mark) / _TALL * 100
        yield f'<text x="90%" y="{at:.1f}%" dy="4" text-anchor="end">{threads(mark)}</text>'
    yield "</svg>"
    label = f"Threads over {span(areas.seconds)}; the figures are in the table below."
    yield (
        f'<svg class="plot" viewBox="0 0 {_WIDE} {_TALL}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">'
    )
    for mark in levels(scale.threads):
        at = frame.y(mark)
        yield f'<line class="grid" x1="0" x2="{_WIDE}" y1="{at:.1f}" y2="{at:.1f}"/>'
    yield from shapes(areas, frame, scale.palette)
    yield "</svg>"
    yield f'<svg class="axis-x" aria-hidden="true">{"".join(_ticks(scale.seconds))}</svg>'
    yield "</div>"
    yield from _legend(areas, scale.palette)


def _ticks(seconds: float) -> Iterator[str]:
    """Few enough for a telephone; the last one only where it has room."""
    for at, name in ticks(seconds, 6):
        part = at / seconds if seconds else 0.0
        if part < 0.95:
            anchor = "middle" if at else "start"
            yield f'<text x="{part * 100:.2f}%" y="13" text-anchor="{anchor}">{escape(name)}</text>'


def _legend(areas: Areas, palette: Palette) -> Iterator[str]:
    yield '<ul class="legend" aria-hidden="true">'
    for each in areas.bands:
        if any(each.threads):
            yield f"<li>{_swatch(colour(each, palette))}{_words(each.name)}</li>"
    yield f"<li>{_swatch('')}were there</li></ul>"


def _swatch(kind: str) -> str:
    """Of a class of areas; "" for the line."""
    area = f'<rect class="{kind}" width="12" height="12" rx="2"/>'
    return f'<svg class="swatch" viewBox="0 0 12 12">{area if kind else _LINE}</svg>'


def _by_prefix(figures: Figures, scale: Scale, level: int) -> Iterator[str]:
    shown = bars(figures, _MOST_ROWS, scale.palette, scale.dearest)
    if not shown:
        return
    yield heading("Where the time went, by prefix of the tasks' keys", level)
    heads = ("prefix", "thread time", "tasks", "mean", "longest", "results")
    rows = []
    for each in shown:
        prefix = each.prefix
        sized = size(prefix.size) if prefix.size else ""
        cells = each.took, whole(prefix.tasks), span(prefix.mean), span(prefix.longest), sized
        rows.append(row(each.name, *cells, below=_bar(each.colour, each.part)))
    yield from table("by-prefix", heads, rows)
    more = len(figures.prefixes) - len(shown)
    if more or not figures.whole:
        yield f"<p>{f'{whole(more)} more' if more else 'Others'} took less time.</p>"


def _longest(figures: Figures, level: int) -> Iterator[str]:
    if figures.longest:
        yield heading("The longest tasks", level)
        rows = [row(each.name, span(each.seconds), span(each.begin), each.worker) for each in figures.longest]
        yield from table("longest", ("task", "took", "began after", "on"), rows)


def _by_worker(figures: Figures, level: int) -> Iterator[str]:
    if figures.by_worker:
        yield heading("Workers, the busiest first", level)
        top = max(1e-9, figures.by_worker[0].seconds)
        rows = [
            row(each.name, span(each.seconds), whole(each.tasks), below=_bar(REST_CLASS, each.seconds / top))
            for each in figures.by_worker[:_MOST_ROWS]
        ]
        yield from table("by-worker", ("worker", "in tasks", "tasks"), rows)


def _bar(kind: str, part: float) -> str:
    wide = max(0.4, part * 100)
    area = f'<rect class="{kind}" rx="2" width="{wide:.1f}%" height="100%"/>'
    return f'<svg class="bar" aria-hidden="true">{area}</svg>'


def _attempts(figures: Figures, level: int) -> Iterator[str]:
    if figures.attempts:
        yield heading("Attempts", level)
        lines = (attempt_line(figures, index) for index in range(len(figures.attempts)))
        items = "".join(f"<li><strong>{_words(name)}</strong>: {_words(story)}</li>" for name, story in lines)
        yield f'<ul class="attempts">{items}</ul>'


def _bins(areas: Areas) -> Iterator[str]:
    """The picture over time for those who do not see it, and for exact figures."""
    yield "<details><summary>The picture over time as a table</summary>"
    bands = [each for each in areas.bands if any(each.threads)]
    rows = [
        row(
            span(index * areas.step),
            *map(threads, (paid, areas.busy(index), *(each.threads[index] for each in bands))),
        )
        for index, paid in enumerate(areas.paid)
    ]
    yield from table("bins", ("from", "there", "in tasks", *(each.name for each in bands)), rows)
    yield "</details>"


def _notes(figures: Figures) -> Iterator[str]:
    if figures.record:
        yield f"<p>The record of each task is in {_words(figures.record)}.</p>"
    if figures.note:
        yield f"<p>{_words(figures.note)}</p>"


def _cells(*values: str) -> str:
    return "".join(f'<td role="cell">{_words(each)}</td>' for each in values)


def table(name: str, heads: Iterable[str], rows: Iterable[str]) -> Iterator[str]:
    """With roles, as a narrow page gives its rows another `display`, which makes browsers forget them."""
    yield '<div class="wide" tabindex="0" role="group" aria-label="Table">'
    yield f'<table role="table" class="{name}"><thead role="rowgroup"><tr role="row">'
    yield "".join(f'<th scope="col" role="columnheader">{_words(each)}</th>' for each in heads)
    yield '</tr></thead><tbody role="rowgroup">'
    yield from (f'<tr role="row">{row}</tr>' for row in rows)
    yield "</tbody></table></div>"


def row(head: str, *cells: str, below: str = "") -> str:
    """`below` is HTML below the words of the row's head."""
    return f'<th scope="row" role="rowheader">{_words(head)}{below}</th>{_cells(*cells)}'
