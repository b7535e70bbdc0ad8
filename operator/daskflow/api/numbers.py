"""Numbers that Kubernetes keeps: integers of 64 bits, and doubles. It rounds all others without a word."""

from collections.abc import Mapping
from typing import Any

_EXACT_DIGITS = 15
"""Every decimal of so many digits is told from all others by its double."""
_AS_INTEGER = 1e21
"""From here on the API server writes a double with an exponent."""


def kept(value: Any, path: str = "") -> Any:
    """A JSON value with its numbers as they are once the API server has stored them.

    Raises ValueError for one that has been rounded, or would be: beyond 64 bits, of more than 15 digits.
    """
    if isinstance(value, Mapping):
        return {key: kept(each, f"{path}.{key}" if path else str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [kept(each, f"{path}[{index}]") for index, each in enumerate(value)]
    if isinstance(value, bool) or not isinstance(value, int | float) or -(2**63) <= value < 2**63:
        return value
    digits = repr(value).lstrip("-").partition("e")[0].replace(".", "").rstrip("0")
    if len(digits) > _EXACT_DIGITS:
        raise ValueError(
            f"{path} is {value!r}, and Kubernetes rounds numbers beyond 64 bits; write it as text"
        )
    return float(value) if abs(value) >= _AS_INTEGER else value
