"""A list of all objects of a kind, as a page with one table."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from daskflow.cli.ui.rendering import rendered
from daskflow.cli.ui.source import Source
from daskflow.cli.ui.views.common import frame, nothing
from daskflow.cli.ui.views.page import Page
from daskflow.client.connection import Object

MOST = 200
"""Rows."""


def listing(
    source: Source,
    kind: str,
    noun: str,
    found: Sequence[Object],
    row: Callable[[Object, str], Markup],
    *,
    first: str,
) -> Page:
    """`noun` names the page, its template and its table; `row` gets an object and the row's id.

    `first` says which of them are at the top, as in "the newest".
    """
    shown = found[:MOST]
    sentence = nothing(source.feeds[kind], kind) if not shown else ""
    if len(found) > MOST:
        sentence = f"The {first} {MOST} of {len(found)} are shown."
    parts = {"empty": rendered("parts/empty.html", sentence=sentence, example=False)}
    ids = [f"{noun}/{each['metadata']['namespace']}/{each['metadata']['name']}" for each in shown]
    rows = {id_: row(each, id_) for id_, each in zip(ids, shown, strict=True)}
    return Page(f"{noun}s.html", f"{noun}s".capitalize(), frame(source) | parts, {f"{noun}s": rows})
