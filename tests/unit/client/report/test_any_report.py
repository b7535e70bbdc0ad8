"""Whatever a report says: pictures and pages can be read and do nothing, and letters have room."""

import json
from xml.etree import ElementTree

from daskflow.client.report.data import as_data
from daskflow.client.report.difference import difference
from daskflow.client.report.html import fragment
from daskflow.client.report.letters import drawn, told
from daskflow.client.report.page import page, page_of_two
from daskflow.client.report.reading import figures_of
from daskflow.client.report.svg import LIMIT, svg
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.client.report.any_report import runs
from tests.unit.client.report.reported import Object
from tests.unit.client.report.test_page import Seen


@given(runs())
def test_the_picture_and_the_page_can_be_read_and_do_nothing(run: Object) -> None:
    figures = figures_of(run)
    assert figures
    text = svg(figures)
    assert len(text.encode()) <= LIMIT
    picture = ElementTree.fromstring(text)
    assert {each.tag.rpartition("}")[2] for each in picture.iter()} <= {
        *("svg", "style", "rect", "text", "title", "line", "path")
    }
    seen = Seen(page(figures))
    assert not {"script", "img", "a"} & set(seen.names)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    ElementTree.fromstring(fragment(figures))
    json.dumps(as_data(figures), allow_nan=False)


@given(runs(), st.integers(40, 150), st.booleans())
def test_letters_have_room(run: Object, width: int, ascii_only: bool) -> None:
    figures = figures_of(run)
    assert figures
    for line in drawn(figures, width, ascii_only=ascii_only):
        text = "".join(piece for piece, _ in line)
        assert len(text.rstrip()) <= width
        assert not {"\x1b", "\u202e", "\n", "\x00"} & set(text)


@given(runs(), runs())
def test_any_two_runs_can_be_compared(one: Object, other: Object) -> None:
    now, before = figures_of(one), figures_of(other)
    assert now
    assert before
    found = difference(now, before)
    assert found.sentences
    assert "script" not in Seen(page_of_two(now, before, found)).names
    for line in told(found, 80):
        assert len("".join(piece for piece, _ in line)) <= 80
