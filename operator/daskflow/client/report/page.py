"""Reports as one HTML file that needs no other file and no script."""

from collections.abc import Iterator
from html import escape

from daskflow.client.plain_text import plain
from daskflow.client.report.difference import Difference
from daskflow.client.report.figures import Figures
from daskflow.client.report.html import Scale, fragment, heading, row, scale_of, table
from daskflow.client.report.style import rules
from daskflow.client.report.totals import headline

_PAGE = (
    "html{color-scheme:light dark}body{margin:0;background:var(--page)}"
    "main{max-width:62em;margin:0 auto;padding:1em 1.2em 3em}"
    "h1{font-size:1.4em;margin:.6em 0;overflow-wrap:anywhere}h2{font-size:1.15em;overflow-wrap:anywhere}"
    "main.beside{max-width:110em}"
    "footer{margin-top:3em;font-size:.86em}"
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(figures: Figures) -> str:
    """Of one run."""
    return "\n".join(
        _page(headline(figures), [f"<main>{_title(headline(figures))}", fragment(figures, level=2)])
    )


def page_of_two(now: Figures, before: Figures, found: Difference) -> str:
    """Of a run and the one that it is compared with."""
    title = f"{now.run} against {before.run}"
    return "\n".join(_page(title, [f'<main class="beside">{_title(title)}', beside(now, before, found)]))


def beside(now: Figures, before: Figures, found: Difference) -> str:
    """The part of a page in which both are, on one scale."""
    scale = scale_of(now, before)
    parts = (
        '<div class="daskflow-report">',
        *_difference(found),
        '<div class="pair">',
        *_side(now, scale),
        *_side(before, scale),
        "</div></div>",
    )
    return "\n".join(parts) + "\n"


def _page(title: str, body: list[str]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>{escape(plain(title))}</title>\n<style>{rules()}{_PAGE}</style>\n</head>"
    yield '<body class="daskflow-report">'
    yield from body
    yield "<footer><p>Made by daskflow.</p></footer>\n</main>\n</body>\n</html>\n"


def _title(words: str) -> str:
    return f"<h1>{escape(plain(words))}</h1>"


def _side(figures: Figures, scale: Scale) -> Iterator[str]:
    yield f"<section><h2>{escape(plain(headline(figures)))}</h2>"
    yield fragment(figures, scale)
    yield "</section>"


def _difference(found: Difference) -> Iterator[str]:
    yield f"{heading('What became slower', 2)}<ul>"
    yield from (f"<li>{escape(plain(each))}</li>" for each in found.sentences)
    yield "</ul>"
    if found.rows:
        yield from table("slower", found.header, (row(*each.cells) for each in found.rows))
