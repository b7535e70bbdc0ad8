"""Whatever is in a JSON text, it becomes plain data that may be walked by recursion, or a ValueError."""

import json
from typing import Any

import pytest
from daskflow.controller.kubernetes.decoding import LEVELS, lenient, mended, strict
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.controller.expectations import refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


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


@pytest.mark.parametrize("text", [b'{"spec": {}, "sta\xffus": {}}', b'["\xc3\xa9", "\xc3"]'])
def test_what_is_no_unicode_was_damaged_on_its_way(text: bytes) -> None:
    """A run whose status is called otherwise would be one that has none."""
    with pytest.raises(ValueError, match="utf-8"):
        lenient(text)
    with pytest.raises(ValueError, match="utf-8"):
        lenient(text.replace(b"{}", b'"\\ud800"'))
