"""A report as one SVG that needs no other file, for light pages and dark ones: totals, areas, bars."""

from collections.abc import Iterator
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

from daskflow.client.plain_text import cut, plain
from daskflow.client.report.areas import Frame, levels, shapes
from daskflow.client.report.bars import Bar, bars
from daskflow.client.report.figures import Areas, Figures
from daskflow.client.report.palette import colour, palette_of
from daskflow.client.report.style import colours
from daskflow.client.report.totals import headline, totals
from daskflow.client.report.words import threads
from daskflow.client.timeline.axis import ticks

_WIDTH, _EDGE, _AXIS, _RIGHT = 960, 16, 48, 24
_TALL = 220
"""Of the areas."""
_ROW, _NAMES, _TOTAL = 24, 190, 76
_LETTER = 6.8
"""Pixels of a letter of the picture's size, at the most usual."""
_MOST_BARS = 20
LIMIT = 40 * 1024


def svg(figures: Figures) -> str:
    """As text of 40 KiB at most; its bins tell their figures when they are pointed at."""
    text = _svg(figures, named=True)
    # Names may be such that each of their letters takes five when it is escaped, in 64 bins.
    return text if len(text.encode()) <= LIMIT else _svg(figures, named=False)


def _svg(figures: Figures, *, named: bool) -> str:
    body: list[str] = []
    y = _head(figures, body)
    if figures.areas:
        y = _over_time(figures, figures.areas, y, body, named=named)
    if figures.prefixes:
        y = _by_prefix(figures, y, body)
    y = _hints(figures, y, body)
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="daskflow-report-picture" viewBox="0 0 {_WIDTH} {y}" '
        f'width="{_WIDTH}" height="{y}" style="max-width:100%;height:auto" role="img" '
        f"aria-label={quoteattr(plain(headline(figures)))}>",
        f"<style>{_rules()}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{y}"/>',
        *body,
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def _rules() -> str:
    scope = ".daskflow-report-picture"
    return (
        f"{colours(scope)}{scope}{{font:12px system-ui,sans-serif}}{scope} text{{fill:var(--ink)}}"
        f"{scope} .dim{{fill:var(--dim)}}{scope} .page{{fill:var(--page)}}"
        f"{scope} .head{{font-size:15px;font-weight:600}}{scope} .strong{{font-weight:600}}"
        f"{scope} .figure{{font-size:17px;font-weight:600}}{scope} .warn{{fill:var(--warn)}}"
    )


def _text(x: float, y: float, words: str, kind: str = "", room: float = 0, anchor: str = "start") -> str:
    """`room` is how many pixels there are; 0: as many as it takes."""
    words = plain(words)
    seen = cut(words, max(1, int(room / _LETTER))) if room else words
    title = f"<title>{escape(words)}</title>" if seen != words else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{title}{escape(seen)}</text>'


def _head(figures: Figures, body: list[str]) -> int:
    body.append(_text(_EDGE, 30, headline(figures), "head", _WIDTH - 2 * _EDGE))
    found, columns = list(totals(figures)), 5
    wide = (_WIDTH - 2 * _EDGE) / columns
    for index, each in enumerate(found):
        x, y = _EDGE + index % columns * wide, 58 + index // columns * _TOTAL
        body += [_text(x, y, each.name, "dim"), _text(x, y + 20, each.figure, "figure", wide - 8)]
        about = wrap(plain(each.about), int((wide - 12) / _LETTER), max_lines=2, placeholder="…")
        body += [_text(x, y + 36 + 15 * number, line, "dim") for number, line in enumerate(about)]
    return 58 + -(-len(found) // columns) * _TOTAL


def _over_time(figures: Figures, areas: Areas, y: int, body: list[str], *, named: bool) -> int:
    frame = Frame(_AXIS, y + 26, _WIDTH - _AXIS - _RIGHT, _TALL, areas.seconds, areas.most * 1.04)
    below = frame.top + frame.height
    body.append(_text(_EDGE, y + 10, "Threads in tasks, below the line of those that were there", "strong"))
    for level in levels(areas.most):
        at = frame.y(level)
        body.append(f'<line class="grid" x1="{_AXIS}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        body.append(_text(_AXIS - 6, at + 4, threads(level), "dim", anchor="end"))
    body += shapes(areas, frame, palette_of(figures), named=named)
    for seconds, name in ticks(areas.seconds, 9):
        body.append(_text(frame.x(seconds), below + 16, name, "dim", anchor="middle"))
    return round(below + 34 if figures.prefixes else _legend(figures, areas, below + 34, body))


def _legend(figures: Figures, areas: Areas, y: float, body: list[str]) -> float:
    """Where no bars tell which colour is whose."""
    x = float(_AXIS)
    for each in areas.bands:
        name, kind = cut(plain(each.name), 24), colour(each, palette_of(figures))
        body.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="12" height="12" rx="2"/>')
        body.append(_text(x + 18, y + 10, name, "dim"))
        x += 36 + len(name) * _LETTER
    return y + 28


def _by_prefix(figures: Figures, y: int, body: list[str]) -> int:
    shown = bars(figures, _MOST_BARS, palette_of(figures))
    body.append(_text(_EDGE, y + 10, "Where the time went, by prefix of the tasks' keys", "strong"))
    left, right = _EDGE + _NAMES, 400
    for index, each in enumerate(shown):
        top = y + 24 + index * _ROW
        body += _bar(each, left, _WIDTH - _RIGHT - right, top)
    return y + 24 + len(shown) * _ROW + 16


def _bar(each: Bar, left: float, end: float, top: float) -> Iterator[str]:
    wide = max(1.5, (end - left) * each.part)
    yield _text(_EDGE, top + 15, each.name, "", _NAMES - 12)
    yield f'<rect class="{each.colour}" x="{left}" y="{top + 4}" width="{wide:.1f}" height="14" rx="2"/>'
    yield _text(left + wide + 8, top + 15, each.took, "strong")
    yield _text(_WIDTH - _RIGHT, top + 15, each.about, "dim", 320, anchor="end")


def _hints(figures: Figures, y: int, body: list[str]) -> int:
    for hint in figures.hints:
        body.append(_text(_EDGE, y + 10, "▸", "warn"))
        for line in wrap(plain(hint), int((_WIDTH - 2 * _EDGE - 16) / _LETTER)):
            body.append(_text(_EDGE + 16, y + 10, line))
            y += 18
        y += 4
    return y + 8
