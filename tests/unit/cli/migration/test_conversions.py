"""Sizes and durations of others as ours."""

from collections.abc import Callable
from typing import Any

import pytest
from daskflow.api.quantities import quantity
from daskflow.cli.migration.conversions import amount, docker_memory, duration, memory, name, text


@pytest.mark.parametrize(
    ("convert", "given", "made"),
    [
        (memory, "4 GB", "4G"),
        (memory, "4GiB", "4Gi"),
        (memory, "16 GiB", "16Gi"),
        (memory, "1.5GB", "1500000000"),
        (memory, "0.5 GiB", str(2**29)),
        (memory, "512kB", "512k"),
        (memory, "512KiB", "512Ki"),
        (memory, 1000, "1000"),
        (memory, "1000", "1000"),
        (docker_memory, "512m", "512Mi"),
        (docker_memory, "2G", "2Gi"),
        (docker_memory, "1gb", "1Gi"),
        (docker_memory, "64mb", "64Mi"),
        (docker_memory, 1024, "1024"),
        (duration, 90, "90s"),
        (duration, 3600, "1h"),
        (duration, 0, "0s"),
        (duration, "5 minutes", "5m"),
        (duration, "1h", "1h"),
        (duration, "30", "30s"),
        (duration, "1.5 hours", "90m"),
        (duration, "00:30:00", "30m"),
        (duration, "00:30", "30s"),
        (duration, "1-12:00:00", "36h"),
        (duration, "7d", "7d"),
        (amount, 0.5, "0.5"),
        (amount, 2, 2),
        (amount, "100m", "100m"),
        (text, True, "true"),
        (text, 1.5, "1.5"),
    ],
)
def test_a_value_is_the_same_as_ours(convert: Callable[[Any], Any], given: Any, made: Any) -> None:
    assert convert(given) == made


@pytest.mark.parametrize("size", ["4 GB", "1.5GB", "4GiB", "512kB", "12 TiB", "3PB"])
def test_every_size_is_a_quantity(size: str) -> None:
    assert quantity(memory(size)) > 0


@pytest.mark.parametrize(
    ("convert", "given"),
    [
        (memory, "big"),
        (memory, True),
        (memory, "-1G"),
        (memory, None),
        (duration, "a while"),
        (duration, "3 months"),
        (duration, "10ms"),
        (duration, -1),
        (duration, True),
        (amount, "lots"),
        (amount, True),
        (text, {}),
    ],
)
def test_what_is_none_says_so(convert: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(ValueError, match=r"which is no|is not a"):
        convert(given)


@pytest.mark.parametrize(
    ("given", "made"),
    [("My_Job", "my-job"), ("{user}-x", "user-x"), ("---", ""), ("a" * 60, "a" * 50), ("Ä b", "b")],
)
def test_a_name_is_legal(given: str, made: str) -> None:
    assert name(given, 50) == made
