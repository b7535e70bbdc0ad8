"""Quantities and durations as numbers."""

from decimal import Decimal

import pytest
from daskflow.api.quantities import quantity, seconds, whole


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("500m", Decimal("0.5")),
        ("2", 2),
        (3, 3),
        ("4Gi", 4 * 2**30),
        ("1.5G", 1_500_000_000),
        ("1e3", 1000),
        ("100u", Decimal("0.0001")),
    ],
)
def test_quantity(text: str | int, number: object) -> None:
    assert quantity(text) == number


@pytest.mark.parametrize("text", ["4GB", "", "Gi", "1 Gi", "two"])
def test_not_a_quantity(text: str) -> None:
    with pytest.raises(ValueError, match=r"4Gi|convert"):
        quantity(text)


def test_whole_rounds_up() -> None:
    assert whole("1500m") == 2


@pytest.mark.parametrize(("text", "number"), [("90s", 90), ("1h30m", 5400), ("7d", 604800), ("0s", 0)])
def test_seconds(text: str, number: int) -> None:
    assert seconds(text) == number


@pytest.mark.parametrize("text", ["", "90", "1.5h", "h", "1w", "1h 30m"])
def test_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds(text)
