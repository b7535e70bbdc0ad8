"""Whatever is in a JSON text, it becomes plain data that may be walked by recursion, or a ValueError."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from daskflow.controller.kubernetes.decoding import LEVELS, lenient, mended, strict
from daskflow.controller.kubernetes.objects import event_from, object_from, page_from, unpacked
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
RUN = {"apiVersion": "daskflow.dev/v1alpha1", "kind": "FlowRun", "metadata": {"name": "a", "uid": "u"}}


@given(JSON)
def test_what_decoders_take_is_left_as_it_is(given: Any) -> None:
    for text in (json.dumps(given).encode(), json.dumps(given, ensure_ascii=False, indent=1).encode()):
        assert mended(text) == text


@given(st.binary())
def test_bytes_are_a_value_or_an_error(text: bytes) -> None:
    for decode in (lenient, strict):
        refused(decode, text)


@pytest.mark.parametrize("levels", [50, 220, 1_200, 10_000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('["]",[], ', "]")])
def test_what_is_deep_is_cut(levels: int, opening: str, closing: str) -> None:
    text = f'{{"before": 1, "deep": {opening * levels}1{closing * levels}, "after": [2]}}'
    found = lenient(text)
    assert (found["before"], found["after"]) == (1, [2])
    depth, at = 0, found["deep"]
    while isinstance(at, (list, dict)) and at:
        depth, at = depth + 1, (at["a"] if isinstance(at, dict) else at[-1])
    assert depth == (levels if levels < LEVELS else LEVELS - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"a\ud800b"', "a\ufffdb"),
        (r'"\udc00\ud83d\ude00\ud83d"', "\ufffd😀\ufffd"),
        (r'"\\ud800\\\ud800"', "\\ud800\\\ufffd"),
        ('["' + "7" * 5_000 + '"]', ["7" * 5_000]),
        ("[" + "7" * 5_000 + ", 1]", [float("inf"), 1]),
        ("0." + "3" * 5_000, 1 / 3),
        ("1e400", float("inf")),
        ("18446744073709551616", 2**64),
    ],
)
def test_odd_texts_and_numbers(text: str, expected: object) -> None:
    assert lenient(text) == expected


def test_what_is_no_unicode_is_replaced() -> None:
    assert lenient(b'["\xff\xfe", "\xc3\xa9"]') == ["\ufffd\ufffd", "é"]


def test_one_object_of_a_page_changes_no_other() -> None:
    deep = "[" * 1_200 + "]" * 1_200
    good = {**RUN, "spec": {"flow": {"parameters": {"x": ["y" * 2_000]}}}, "status": {"phase": "Running"}}
    bad = {**RUN, "spec": {"flow": "deep"}}
    text = json.dumps(
        {"kind": "FlowRunList", "metadata": {"resourceVersion": "7"}, "items": [good, bad, good]}
    )
    found = page_from(text.replace('"deep"', deep).encode(), "FlowRun")
    assert found.version == "7"
    assert [unpacked(each) for each in found.items[::2]] == [good, good]
    assert found.items[1]["metadata"] == RUN["metadata"]


def test_what_is_no_list_event_or_object_is_an_error() -> None:
    for text in (b"", b"[]", b"{}", b'{"metadata": {}, "items": {}}', b"x", b"[" * 5_000):
        for decode in (page_from, event_from):
            assert refused(decode, text, "FlowRun"), text
    for text in (b"", b"[]", b"null", b'"x"'):
        assert refused(object_from, text, "FlowRun"), text


def refused(decode: Callable[..., object], *arguments: object) -> bool:
    """Whether it raises a ValueError; any other error is raised."""
    try:
        decode(*arguments)
    except ValueError:
        return True
    return False
