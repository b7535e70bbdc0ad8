"""A part of an object is read once, and what is another object is read anew."""

from collections.abc import Mapping
from typing import Any

import pytest
from daskflow.api.remembered import Momentary, Remembered


def test_the_same_part_is_read_once_and_an_equal_one_anew() -> None:
    seen: list[Any] = []

    def read(part: Mapping[str, Any]) -> int:
        seen.append(part)
        return len(part)

    remembered = Remembered(read, most=2)
    one, other, third = {"a": 1}, {"a": 1}, {"a": 1, "b": 2}
    assert [remembered(one), remembered(one), remembered(other), remembered(one)] == [1, 1, 1, 1]
    assert len(seen) == 2
    assert remembered(third) == 2
    remembered(other)
    assert len(seen) == 3
    remembered(one)  # was the oldest
    assert len(seen) == 4


def test_what_is_no_part_is_said_each_time() -> None:
    def read(part: Mapping[str, Any]) -> int:
        raise ValueError(part)

    remembered, part = Remembered(read), {"a": 1}
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            remembered(part)


def test_what_is_made_for_a_moment_is_not_kept() -> None:
    remembered = Remembered(len)
    part = Momentary(a=1)
    assert remembered(part) == 1
    part["b"] = 2
    assert remembered(part) == 2
