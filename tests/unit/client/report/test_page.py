"""The page and its parts are HTML without script, in which nothing of a status is more than text."""

import re
from html.parser import HTMLParser

from daskflow.client.report.difference import difference
from daskflow.client.report.figures import Figures
from daskflow.client.report.html import fragment
from daskflow.client.report.page import page, page_of_two
from daskflow.client.report.reading import figures_of
from daskflow.client.report.style import rules

from tests.unit.client.report.reported import HOSTILE, Object, hostile, reported, slower, twice

_EMPTY = {"meta", "rect", "line", "path"}


class Seen(HTMLParser):
    """Elements, attributes and words of a page; what is not closed in order fails."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def figures(run: Object | None = None) -> Figures:
    found = figures_of(run or twice())
    assert found
    return found


def test_a_page_stands_alone_and_runs_nothing() -> None:
    text = page(figures())
    seen = Seen(text)
    assert not {"script", "link", "img", "iframe", "object", "a"} & set(seen.names)
    assert not [
        name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "href", "style")
    ]
    assert not re.search(r"url\(|@import|https?://", text)
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert ("lang", "en") in seen.attributes


def test_all_that_the_picture_shows_is_in_words_too() -> None:
    text = Seen(fragment(figures())).text
    for words in ("68 %", "read-parquet3h38m4 0123.3s41s115Gi", "attempt 1: Failed, efficiency 41 %"):
        assert words in text
    assert re.search(r"2m40s80\d\d", text), "a bin has a row of the table"


def test_nothing_of_a_status_is_taken_for_html() -> None:
    now = figures(hostile())
    for text in (page(now), fragment(now), page_of_two(now, now, difference(now, now))):
        seen = Seen(text)
        assert not {"script", "img"} & set(seen.names)
        assert "onerror" not in [name for name, _ in seen.attributes]
        assert HOSTILE[:60] in seen.text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_a_part_brings_neither_ids_nor_attributes_of_style() -> None:
    names = {name for name, _ in Seen(fragment(figures())).attributes}
    assert not {"id", "style"} & names


def test_the_rules_touch_nothing_else_on_a_page() -> None:
    bare = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)\}", r"\1", rules())
    selectors = [each for found in re.findall(r"([^{}]+)\{", bare) for each in found.split(",")]
    assert all(each.startswith(".daskflow-report") for each in selectors)


def test_two_runs_have_one_scale_and_the_same_colours() -> None:
    said = slower()
    said["prefixes"].reverse()
    now, before = figures(reported("today", said)), figures(reported())
    text = page_of_two(now, before, difference(now, before))
    bars = dict(re.findall(r'rowheader">(\w[\w-]+)<svg class="bar"[^>]*><rect class="(band-\w+)"', text))
    assert text.count('class="plot"') == 2
    for name, kind in bars.items():
        found = set(re.findall(rf'rowheader">{name}<svg class="bar"[^>]*><rect class="(band-\w+)"', text))
        assert found == {kind}
    assert "today took 12m30s, 4m1s longer than etl" in Seen(text).text
