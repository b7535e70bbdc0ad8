"""The picture of a timeline: one SVG that needs no other file, for light pages and dark ones."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from daskflow.client.plain_text import cut, plain
from daskflow.client.timeline.axis import ticks
from daskflow.client.timeline.model import Mark, Row, Span, Timeline
from daskflow.client.timeline.style import rules, what
from daskflow.client.timeline.times import length

MOST_PODS = 20
"""Of an attempt; how many more there were stands below."""
_WIDTH, _LABELS, _RIGHT = 960, 190, 24
_TOP, _ROW, _BAR = 76, 22, 14
_LETTER = 6.6
"""Pixels of a letter of the picture's size, at the most usual."""


def svg(timeline: Timeline) -> str:
    """As text; its marks and bars tell their times and reasons when they are pointed at."""
    rows = list(shown(timeline.rows))
    height = _TOP + _ROW * len(rows) + 40
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="daskflow-timeline" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" style="max-width:100%;height:auto" role="img" '
        f"aria-label={quoteattr(plain(headline(timeline)))}>",
        f"<style>{rules()}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{height}"/>',
        *_head(timeline),
        *(line for index, row in enumerate(rows) for line in _stripe(index, row)),
        *_axis(timeline, len(rows)),
        *(line for index, row in enumerate(rows) for line in _row(timeline, index, row)),
        *_legend(rows, height),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def headline(timeline: Timeline) -> str:
    """The run, how it is, and how long it has taken."""
    because = f" ({timeline.reason})" if timeline.reason else ""
    took = length((timeline.end - timeline.begin).total_seconds())
    return f"{timeline.run}: {timeline.phase}{because} {'after' if timeline.over else 'for'} {took}"


def shown(rows: Iterable[Row], most: int = MOST_PODS) -> Iterator[Row]:
    """The rows that a picture has: of many pods the first, then a row that says how many more there were."""
    count = 0
    last: Row | None = None
    for row in rows:
        if last and last.kind == "pod" and (row.kind != "pod" or row.attempt != last.attempt):
            yield from _more(last, count - most)
        count = count + 1 if last and row.kind == "pod" == last.kind and row.attempt == last.attempt else 1
        if row.kind != "pod" or count <= most:
            yield row
        last = row
    if last and last.kind == "pod":
        yield from _more(last, count - most)


def _more(last: Row, more: int) -> Iterator[Row]:
    if more > 0:
        yield Row("pod", "", f"and {more} more", last.attempt, ())


def _text(x: float, y: float, words: str, kind: str = "", room: float = 0, anchor: str = "start") -> str:
    """`room` is how many pixels there are; 0: as many as it takes."""
    words = plain(words)
    most = int(room / _LETTER)
    seen = cut(words, max(1, most)) if room else words
    title = f"<title>{escape(words)}</title>" if seen != words else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{title}{escape(seen)}</text>'


def _head(timeline: Timeline) -> Iterator[str]:
    began = f"{timeline.begin:%Y-%m-%d %H:%M:%S} UTC"
    yield _text(16, 30, headline(timeline), "head", _WIDTH - 220)
    yield _text(_WIDTH - _RIGHT, 30, began, "dim", anchor="end")


def _x(timeline: Timeline, at: datetime) -> float:
    whole = (timeline.end - timeline.begin).total_seconds()
    part = (at - timeline.begin).total_seconds() / whole if whole > 0 else 0.0
    return _LABELS + min(1.0, max(0.0, part)) * (_WIDTH - _LABELS - _RIGHT)


def _axis(timeline: Timeline, rows: int) -> Iterator[str]:
    whole = (timeline.end - timeline.begin).total_seconds()
    for at, name in ticks(whole, 9):
        x = _LABELS + (at / whole if whole > 0 else 0.0) * (_WIDTH - _LABELS - _RIGHT)
        yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 12}" y2="{_TOP + rows * _ROW}"/>'
        yield _text(x, _TOP - 18, name, "dim", anchor="middle")


def _stripe(index: int, row: Row) -> Iterator[str]:
    if row.kind == "attempt":
        y = _TOP + index * _ROW
        yield f'<rect class="stripe" x="8" y="{y}" width="{_WIDTH - 16}" height="{_ROW}" rx="4"/>'


def _row(timeline: Timeline, index: int, row: Row) -> Iterator[str]:
    top = _TOP + index * _ROW
    indent = 32 if row.kind == "pod" else 16
    yield _text(
        indent,
        top + 15,
        row.title,
        row.kind if row.spans else "dim",
        _LABELS - indent - (12 if row.kind == "pod" else 24),
    )
    for span in row.spans:
        yield _bar(timeline, span, top)
    for mark in row.marks:
        yield _mark(timeline, mark, top)
    if row.spans:
        yield from _reason(timeline, row, top)


def _bar(timeline: Timeline, span: Span, top: float) -> str:
    x, end = _x(timeline, span.begin), _x(timeline, span.end or timeline.end)
    y = top + (_ROW - _BAR) / 2
    return (
        f'<rect class="is-{what(span.phase)}" x="{x:.1f}" y="{y:.1f}" width="{max(1.5, end - x):.1f}" '
        f'height="{_BAR}" rx="2"><title>{escape(plain(told(timeline, span)))}</title></rect>'
    )


def told(timeline: Timeline, span: Span) -> str:
    """A span in words."""
    because = f" ({span.reason})" if span.reason else ""
    took = length(((span.end or timeline.end) - span.begin).total_seconds())
    since = length((span.begin - timeline.begin).total_seconds())
    return f"{span.name}: {span.phase}{because}, {took} from {since} on{'' if span.end else ', goes on'}"


def _reason(timeline: Timeline, row: Row, top: float) -> Iterator[str]:
    """How it ended, or is: behind the last bar, before the first one, or on the last, where there is room."""
    words = said(timeline, row)
    if not words:
        return
    wide = len(plain(words)) * _LETTER
    last, first = row.spans[-1], row.spans[0]
    begin, end = _x(timeline, last.begin), _x(timeline, last.end or timeline.end)
    y = top + 15
    if end + 6 + wide < _WIDTH - 4:
        yield _text(end + 6, y, words, "dim")
    elif _x(timeline, first.begin) - 6 - wide > _LABELS:
        yield _text(_x(timeline, first.begin) - 6, y, words, "dim", anchor="end")
    elif end - begin > 60:
        yield _text((begin + end) / 2, y, words, "within", end - begin - 12, "middle")


def said(timeline: Timeline, row: Row) -> str:
    """What stands beside a row's bars; "" for nothing."""
    last = row.spans[-1]
    if row.kind == "pod":
        return last.reason
    if row.kind == "run":
        return timeline.reason or (timeline.phase if timeline.over else "")
    if last.phase == "Open":
        return last.reason
    return f"{last.phase}: {last.reason}" if last.reason else last.phase


def _mark(timeline: Timeline, mark: Mark, top: float) -> str:
    x, y = _x(timeline, mark.at), top + _ROW - 5
    words = f"{mark.reason}: {mark.message} ({mark.about})"
    return (
        f'<path class="{"warn" if mark.warning else "note"}" d="M{x:.1f} {y - 7:.1f}l4.5 8h-9z">'
        f"<title>{escape(plain(words))}</title></path>"
    )


def _legend(rows: Iterable[Row], height: int) -> Iterator[str]:
    x = 16.0
    for phase in dict.fromkeys(span.phase for row in rows for span in row.spans):
        yield f'<rect class="is-{what(phase)}" x="{x:.1f}" y="{height - 25}" width="12" height="12" rx="2"/>'
        yield _text(x + 18, height - 15, phase, "dim")
        x += 18 + len(phase) * _LETTER + 18
