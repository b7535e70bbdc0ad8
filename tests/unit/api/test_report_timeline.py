"""The layout of a report's timeline."""

import base64
import contextlib
import random
import struct
import zlib

import pytest
from daskflow.api.report_timeline import BINS, LEVELS, LONGEST, ROWS, decoded, encoded
from hypothesis import given
from hypothesis import strategies as st


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def test_the_layout_is_what_is_written_down() -> None:
    levels = bytes([63, 63, 0, 10, 20, 30, 1, 2, 3])
    timeline = decoded(packed(struct.pack("<BBBBf", 1, 5, 3, 1, 6.3) + levels))
    assert timeline.width == 4.0
    assert [round(each, 3) for each in timeline.paid] == [6.3, 6.3, 0]
    assert [[round(each, 3) for each in row] for row in timeline.busy] == [[1.0, 2.0, 3.0]]
    assert [round(each, 3) for each in timeline.all_busy] == [1.1, 2.2, 3.3]


def test_noise_in_all_rows_fits_and_is_told_to_one_level() -> None:
    chance = random.Random(1)
    rows = [[chance.uniform(0, 80) for _ in range(BINS)] for _ in range(ROWS + 2)]
    text = encoded(9, rows[0], rows[1:-1], rows[-1])
    assert len(text) < 600 < LONGEST
    timeline = decoded(text)
    for told, meant in zip((timeline.paid, *timeline.busy, timeline.rest), rows, strict=True):
        assert told == pytest.approx(meant, abs=80 / LEVELS)


def test_nothing_paid_is_a_timeline_too() -> None:
    assert decoded(encoded(0, [0.0], [], [0.0])).paid == (0.0,)


HEAD = (1, 0, 1, 0, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "é",
        "AAAA",
        packed(b""),
        packed(struct.pack("<BBBBf", *HEAD)),
        packed(struct.pack("<BBBBf", *HEAD) + bytes(3)),
        packed(struct.pack("<BBBBf", *HEAD) + bytes([64, 0])),
        packed(struct.pack("<BBBBf", 2, *HEAD[1:]) + bytes(2)),
        packed(struct.pack("<BBBBf", 1, 41, 1, 0, 1.0) + bytes(2)),
        packed(struct.pack("<BBBBf", 1, 0, 0, 0, 1.0)),
        packed(struct.pack("<BBBBf", 1, 0, 1, 7, 1.0) + bytes(9)),
        packed(struct.pack("<BBBBf", 1, 0, 1, 0, 0.0) + bytes(2)),
        packed(struct.pack("<BBBBf", 1, 0, 1, 0, float("nan")) + bytes(2)),
        packed(bytes(10**6)),
        "A" * (LONGEST + 1),
    ],
)
def test_what_is_no_timeline_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="it is no timeline"):
        decoded(text)


@given(st.binary(max_size=60), st.text(max_size=60))
def test_no_text_does_worse(data: bytes, text: str) -> None:
    for each in (text, packed(data)):
        with contextlib.suppress(ValueError):
            assert len(decoded(each).paid) <= BINS
