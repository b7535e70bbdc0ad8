"""A leaf as a value of ours. What cannot be read is named, with the field to write by hand, and is None."""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from daskflow.api.quantities import quantity
from daskflow.cli.migration.leaves import Computed, Node

T = TypeVar("T")

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe]?)(i?)b?\s*", re.I)
_POWER = "kmgtpe"
_SPAN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", re.I)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_CLOCK = re.compile(r"(?:([0-9]+)-)?(?:([0-9]+):)?([0-9]+):([0-9]{2})")


def read(node: Node, to: str, convert: Callable[[Any], T]) -> T | None:
    """What `convert` makes of it, which raises ValueError with the rest of a sentence. `to`: our field."""
    if not node.there:
        return None
    if isinstance(node.value, Computed):
        node.lose(f"which is computed; write its value into {to}")
        return None
    try:
        return convert(node.value)
    except ValueError as error:
        node.lose(f"{error}; write {to} by hand")
        return None


def text(value: Any) -> str:
    """A scalar as text, as variables of an environment have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("which is no text")


def count(value: Any) -> int:
    """A whole number from 0 on."""
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError("which is no whole number from 0 on")


def flag(value: Any) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    raise ValueError("which is neither true nor false")


def amount(value: Any) -> str | int:
    """A Kubernetes quantity; YAML's 0.5 is a number that only text can hold."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int | str) and not isinstance(value, bool):
        quantity(value)
        return value
    raise ValueError("which is no quantity")


def memory(value: Any) -> str:
    """A size as Dask and Docker write it (4 GB, 4GiB, 512m, bytes) as a quantity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("which is no size")
    found = _SIZE.fullmatch(str(value))
    if not found:
        raise ValueError("which is no size")
    number, letter, binary = found.groups()
    if not letter:
        return str(math.ceil(Decimal(number)))
    unit = letter.upper() if letter.lower() != "k" or binary else "k"
    if "." not in number:
        return f"{number}{unit}{'i' if binary else ''}"
    size = Decimal(number) * (1024 if binary else 1000) ** (_POWER.index(letter.lower()) + 1)
    return str(math.ceil(size))


def docker_memory(value: Any) -> str:
    """The same of compose, where every letter is a power of 1024."""
    given = (
        re.sub(r"\s*([kmgt])i?b?\s*$", r"\1i", str(value), flags=re.I) if isinstance(value, str) else value
    )
    return memory(given)


def divided(size: str, by: int) -> str:
    """The part of a quantity that one of so many has."""
    if by == 1:
        return size
    part = math.floor(quantity(size) / by)
    return f"{part // 2**20}Mi" if part >= 2**20 else str(part)


def duration(value: Any) -> str:
    """Seconds, `5 minutes`, `1h`, `00:30:00`, `1-12:00:00` as a duration."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9:
        return _said(math.ceil(value))
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
        days, hours, minutes, seconds = (int(each or 0) for each in clock.groups())
        return _said(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("which is no duration")
    number, word = found.groups()
    unit = word[:1].lower() or "s"
    if unit not in _SECONDS or word.lower() in ("ms", "us", "ns") or word.lower().startswith("mo"):
        raise ValueError("which is no duration")
    return _said(math.ceil(float(number) * _SECONDS[unit]))


def _said(seconds: int) -> str:
    """In the largest unit that needs no other."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def name(value: Any, longest: int) -> str:
    """As the name of an object: small letters, digits and dashes, at most so many; "" if nothing is left."""
    words = re.sub(r"[^a-z0-9]+", "-", str(value).lower())
    return words[:longest].strip("-")
